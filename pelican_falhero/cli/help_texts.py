"""The texts that ``falhero --help`` and ``falhero VERB --help`` print."""

DESCRIPTION = """\
Hero images for blog posts, drawn by FLUX on fal. In a Pelican site (below a folder with a
pelicanconf.py) posts are found as the build finds them. Elsewhere posts are files with front
matter: name them, or say where they are in pyproject.toml: [tool.falhero] content = "posts"."""

EPILOG = """\
verbs:
  plan      what is there, what is missing, and what it would cost
  generate  make the missing heroes, or those of named posts
  check     is every post fit to be published?
  show      what made the hero of a post, and what another one would cost
  pick      make a candidate, or an earlier picture, the hero of a post
  refine    have the hero of a post changed as you say
  gallery   write a page with every post, its hero and what to do next
  prune     list pictures that no post uses any more
  spend     what was spent, by month and model
  models    the models and their prices
  doctor    what is set up, what is wrong, and does the built site show its heroes?
  hook      have git stop a push of posts without heroes
  help      the pages of the documentation: settings, money, themes, …

exit codes:
  0    all is well
  1    a hero is missing, or could not be made
  2    an option, a setting or a post that was named can't be used, or there was no VERB
  130  interrupted
  143  terminated

the usual day:
  falhero plan                 what is missing, and what would it cost?
  falhero generate             make it, within the budget
  falhero check                is every post fit to be published?

"falhero VERB --help" tells more of a verb, and "falhero help" lists the pages of the documentation.
--json prints one object instead, whose fields "falhero help json" lists."""

PLAN = """\
Shows the state of every hero, the prompt and price of those that are missing, and the total price.
Spends nothing, and opens no connection."""

PLAN_EPILOG = """\
states:
  present       the picture is there
  missing       it would be drawn
  stale         it would be drawn again: its request has changed, and FALHERO_REFRESH is "changed"
  pending       bought and not fetched yet; the next run fetches it, without cost
  retitled      the post had another title; its picture is copied, without cost
  elsewhere     its picture is in another folder, and is copied, without cost
  refused       fal refused this request; change it, or use generate --retry
  undecided     there are candidates to choose from; only a named post is drawn then
  unaffordable  it does not fit what is left of the budget
  unpriced      the price of its model is not known; see FALHERO_PRICES
  invalid       one of the post's own Hero_ fields can't be used"""

GENERATE = """\
Makes the missing heroes of the site, or of the named posts, the newest first, within the budget.
A picture that is there is drawn again only with --force, for the posts that are named, or for every
post with --all. For --all, or a folder, it shows the price first and asks on a terminal; without a
terminal it goes on, within the budget.

With --candidates it draws several pictures of one post, each with another seed, and shows them on a
sheet and a page in .falhero/candidates; "falhero pick POST N" makes one the hero. The same command
again draws only what is missing of N. Until then a post without a hero stays without one."""

GENERATE_EPILOG = """\
Options for the picture override the posts' own Hero_ fields, which override the settings.

  falhero generate content/winter.md
  falhero generate content/winter.md --force --style "Woodcut, two colours"
  falhero generate --force --all --style "Woodcut, two colours" --budget 5
  falhero generate content/winter.md --candidates 4 --model flux-2-flash
  falhero generate --dry-run --model schnell
  falhero generate --budget 2.50"""

CHECK = """\
Exits with 1 when a post is not fit to be published, and prints the commands that fix it. A post is
not fit when it has no hero, only a title card or a broken picture, or when git does not track the
picture. In a repository git must work. Opens no connection."""

SHOW = """\
Shows the hero of each post: its state and file, the prompt, model, seed, cost and date of what made
it, the earlier heroes and the candidates with their numbers, and the command for the next step.
Spends nothing, and opens no connection."""

PICK = """\
Makes a candidate, or an earlier picture of a post, its hero, for nothing; "falhero show POST" lists
them with their numbers, which change with every pick. The present hero is kept. Earlier heroes are
in .falhero/history and candidates in .falhero/candidates, which are not in git: only the machine
that drew or replaced a picture has it there. Opens no connection, unless FALHERO_ALT_MODEL is to
describe the picture."""

REFINE = """\
Sends the present hero of a post to fal with what to change in it; what comes back is the hero, in
the same shape, and the former one is kept: "falhero show POST" lists it, "falhero pick" brings it
back. The text is sent as it is, without title or style."""

REFINE_EPILOG = """\
The price is that of two pictures: the one that comes and the one that is sent (at most a megapixel).

  falhero refine content/winter.md "warmer light, no people"
  falhero refine content/winter.md "at night" --dry-run
  falhero refine content/winter.md "as a woodcut" --model flux-2-flash-edit"""

GALLERY = """\
Writes one HTML page with every post and its hero, or why it has none: what needs attention first,
then the newest. The page needs no network, and its text can be filtered. It is not part of the site.
Spends nothing, and opens no connection."""

PRUNE = """\
Lists pictures that no post uses any more (its title has changed, or it is gone) and title cards that
a hero has replaced. Lists only pictures that the ledger records as drawn here and that have not been
changed since. Pictures younger than 7 days are kept: social networks may still show them."""

SPEND = "Shows what was spent, by month and model, from the ledger. If fal's dashboard differs, it is right."

MODELS = "Shows the models: what each is best for, how long it takes, and what it costs."

DOCTOR = """\
Looks at all that has to be set up: settings, plugin, theme, key, prices, folders, ledger, git and
versions, and prints what is wrong with its remedy. It tries the theme's templates to tell where
they will show heroes. With OUTPUT, the folder of a built Pelican site, it says instead which of the
published posts show their hero: on their page, in lists, in feeds and in previews. Changes nothing,
spends nothing, and opens no connection."""

DOCTOR_EPILOG = """\
Exits with 1 when something is wrong, or a published post's page does not show its hero. A note may
be intended.

  falhero doctor
  falhero doctor -s publishconf.py
  falhero doctor output"""

HOOK = """\
Makes git stop a push (or a commit) of posts whose heroes are not in it, and prints the commands that
fix it. Checks only the changed posts, as they are in the commits. Spends nothing and opens no
connection, unless it was installed with --generate."""

HOOK_EPILOG = """\
actions:
  install    install the hook in this repository
  uninstall  remove it
  run        what the hook runs

To push anyway: FALHERO_SKIP=1 git push, or git push --no-verify."""

HELP = """\
Prints a page of the documentation, or the help of a verb. Without a TOPIC it lists the pages."""

INSTALL = """\
Installs the hook in this repository, in the folder that core.hooksPath names. If there is another
hook, it is not changed, and the lines to add to it are printed."""

UNINSTALL = "Removes the hook from this repository. Another hook is not changed."

HOOK_RUN = "What the hook runs. Run by hand, it shows whether a push of this branch would be stopped."
