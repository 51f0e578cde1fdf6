"""What changed, written out for people: text, HTML, Markdown, and feeds of it. Pure.

Records in, text out: no archive is asked, nothing is printed. What outlets wrote is
hostile: each form escapes it.
"""
