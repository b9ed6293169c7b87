"""What do results look like? Reports as data, their closing sentence (`finding`), JSON, figures and
screens.
"""
