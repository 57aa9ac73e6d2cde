/* Scanning of cards: camera, hand scanner, typing. */
