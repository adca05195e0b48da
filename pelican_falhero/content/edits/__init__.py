"""Changed texts of front matter, for one field: each format's own module proposes them, and the caller checks each."""
