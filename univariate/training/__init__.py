"""Where does training lead? Flow and descent, the KKT points they end at, and others."""
