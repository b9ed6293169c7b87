"""What do results look like?

Reports as data (`contents`, `report`), the closing sentence in words (`finding`), JSON, figures and
screens.
"""
