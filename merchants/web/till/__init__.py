"""The till: a tablet on a shop's counter."""
