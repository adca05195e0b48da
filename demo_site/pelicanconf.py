"""The settings of the demo blog: ``pelican demo_site/content -s demo_site/pelicanconf.py``.

Relative paths are read from this file's folder, so it may be built from anywhere.
"""

SITENAME = "The Gradient Post"
SITESUBTITLE = "Small railways, steep hills and the maps of both"
AUTHOR = "Ines Calder"
SITEURL = "https://gradient-post.example"  # feeds and previews name whole addresses
RELATIVE_URLS = True  # pages name each other without it, and open straight from the disk

PATH = "content"
OUTPUT_PATH = "output"
THEME = "theme"
TIMEZONE = "Europe/London"
DEFAULT_LANG = "en"

# The plugin has to be named here: it can spend money, so installing it does not switch it on. The other one, in this
# folder, puts what feeds and previews say into the page about the pictures.
PLUGINS = ["pelican_falhero", "elsewhere"]
PLUGIN_PATHS = ["."]

# How every hero of this blog should look: the last words of each prompt.
FALHERO_STYLE = "Vintage railway poster, flat shapes, soft grain, low morning light"

# With a key, one hero is missing here: $0.025.
FALHERO_BUDGET = 0.10

# One section with a look of its own.
FALHERO_STYLES = {
    "category:Workshop": "Still life on an oak workbench, 35mm photograph, warm lamp light, shallow focus",
}

FEED_ALL_ATOM = "feeds/all.atom.xml"
FEED_ALL_RSS = "feeds/all.rss.xml"

# One author, no other feeds: fewer pages, nothing to do with heroes.
DIRECT_TEMPLATES = ["index", "archives", "categories", "tags"]
AUTHOR_SAVE_AS = ""
SUMMARY_MAX_LENGTH = 32
CATEGORY_FEED_ATOM = None
TRANSLATION_FEED_ATOM = None
AUTHOR_FEED_ATOM = None
AUTHOR_FEED_RSS = None
