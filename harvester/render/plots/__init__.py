"""Plots as inline SVG, made on the server: no script, no style of their own. Pure.

Each is a ``Plot``: the drawing, what it says in words, and its numbers as a table, so
that whoever cannot see it loses nothing. Colours come from the page's stylesheet by
class; what differs, differs in form too (filled, hatched, dashed), so that plots can be
read without colour and in print.
"""

from harvester.render.plots.svg import Plot as Plot
