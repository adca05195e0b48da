"""The front-matter field that names a post's hero, and how a field is set in each format of front matter."""
