"""Where does a net stand? Certificates of KKT points and minima: found, measured, replayed."""
