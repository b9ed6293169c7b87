"""What do results look like? Reports and studies as data, their closing sentence (`finding`), JSON,
figures and screens.
"""
