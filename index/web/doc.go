// Package web answers koe's HTTP API for an index, and asks it: [Handler] on
// the side of the process that holds the data, [Client] on the side of every
// other command. Both give the same answers as the index itself.
//
// It holds no data and no rules of its own.
//
// # The API
//
//	GET /v1/search?q=&sort=&size=&after=&facet=&histogram=    facet may stand several times
//	GET /v1/contacts/{id}
//	GET /v1/records?since=&until=                             JSON Lines, in the order of time
//	GET /v1/rows                                              JSON Lines: what the columns have of each contact
//	GET /v1/status
//	POST /v1/erase                                            {"ids", "customers"}; on the socket only
//	POST /v1/backup                                           {"to"}; on the socket only
//
// Errors are {"error", "position", "hint"} with status 400, 404, 405 or 500;
// position counts code points of q from 0.
package web
