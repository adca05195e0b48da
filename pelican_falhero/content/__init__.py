"""Posts, and the sites that they come from: Pelican's, or any folder of files with front matter."""
