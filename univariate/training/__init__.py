"""Where does training lead? Flow and descent, the KKT point behind their end, and other KKT
points.
"""
