"""What made each post's hero, and the page that shows all of them."""
