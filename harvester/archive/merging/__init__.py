"""Another archive joined into this one: which of its articles are which of ours, and its rows and records taken over."""
