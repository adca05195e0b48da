"""Posts, and the sites that they are read from: a Pelican site, or a folder of files with front matter."""
