"""What providers that speak HTTP share: requests that are sent once, downloads, and when to look again."""
