package classify

// Revision counts the changes in code, of this package and of those that it
// stands on (morph, chunk), that change a label. It is part of the definition
// version; the goldens of the labels fail until it is raised.
const Revision = 4
