"""What a page is: article, live blog, list, interstitial; who may read it; its further pages."""
