"""What a page is: an article, one of several pages, a list, a live blog, or none."""
