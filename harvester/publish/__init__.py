"""An archive as plain files for any web server: a static edition.

``survey`` says what is in it, ``layout`` which file shows what, ``folder`` writes those
that changed. The look is that of ``browse``: its words, its style sheet.
"""
