#include "http/route.h"

/*
 * The whole API.  Who may call, what a token needs and which limit counts the
 * call are said here and nowhere else; the comments above the handlers say
 * what each does.  The rows are wider than other lines: one look, one row.
 */

/* What a token needs, and what is counted. */
#define OPEN	0, LIMIT_READ
#define READS	SCOPE_READ, LIMIT_READ
#define WRITES	SCOPE_WRITE, LIMIT_WRITE
#define SENDS	SCOPE_WRITE, LIMIT_SEND
#define TYPES	SCOPE_WRITE, LIMIT_TYPING
#define STREAMS	SCOPE_READ, LIMIT_STREAM
#define SIGNS_IN 0, LIMIT_SIGN_IN
#define SIGNS_UP 0, LIMIT_SIGN_UP
#define FREE	0, LIMIT_NONE

/* Flags. */
#define SECRET	ROUTE_SECRET
#define SESSION	ROUTE_SESSION
#define OF	ROUTE_CONVERSATION
#define BOUND	ROUTE_BOUND
#define PLAIN	ROUTE_PLAIN
#define OFFLINE	ROUTE_OFFLINE
#define NOTED	ROUTE_NOTED
#define SURE	ROUTE_SURE

handler get_healthz, get_readyz, get_metrics, get_site;
handler post_users, get_users, get_user;
handler post_session, delete_session;
handler get_sessions, delete_sessions, delete_session_by_id;
handler get_me, patch_me, put_password;
handler get_tokens, post_token, delete_token;
handler get_invites, post_invite, delete_invite;
handler post_links_check, post_links_redeem;
handler get_conversations, post_conversation, get_public_conversations;
handler get_conversation, patch_conversation, delete_conversation;
handler get_members, post_member, patch_member, delete_member;
handler get_messages, post_message;
handler get_message, patch_message, delete_message;
handler put_reaction, delete_reaction;
handler put_read, post_typing;
handler get_conversation_events, get_my_events, get_events, get_sync;

/* clang-format off */
const struct route routes[] = {
/*	METHOD	PATH						WHO	MAY, LIMIT FLAGS			HANDLER */
	{ GET,	"/healthz",					ANYONE,	FREE,	OFFLINE,			get_healthz },
	{ GET,	"/readyz",					ANYONE,	FREE,	OFFLINE,			get_readyz },
	{ GET,	"/metrics",					INSIDE,	FREE,	OFFLINE,			get_metrics },
	{ GET,	"/api/v1/site",					ANYONE,	OPEN,	0,				get_site },

	{ POST,	"/api/v1/users",				ANYONE,	SIGNS_UP, SECRET | NOTED,		post_users },
	{ GET,	"/api/v1/users",				USER,	READS,	0,				get_users },
	{ GET,	"/api/v1/users/{id}",				USER,	READS,	0,				get_user },
	{ POST,	"/api/v1/session",				ANYONE,	SIGNS_IN, SECRET,			post_session },
	{ DELETE, "/api/v1/session",				USER,	WRITES,	SESSION | NOTED,		delete_session },
	{ GET,	"/api/v1/sessions",				USER,	READS,	SESSION,			get_sessions },
	{ DELETE, "/api/v1/sessions",				USER,	WRITES,	SESSION | NOTED,		delete_sessions },
	{ DELETE, "/api/v1/sessions/{id}",			USER,	WRITES,	SESSION | NOTED,		delete_session_by_id },
	{ GET,	"/api/v1/me",					USER,	READS,	BOUND,				get_me },
	{ PATCH, "/api/v1/me",					USER,	WRITES,	0,				patch_me },
	{ PUT,	"/api/v1/me/password",				USER,	SIGNS_IN, SESSION | SECRET | NOTED,	put_password },
	{ GET,	"/api/v1/tokens",				USER,	READS,	0,				get_tokens },
	{ POST,	"/api/v1/tokens",				USER,	WRITES,	SESSION | SECRET | NOTED,	post_token },
	{ DELETE, "/api/v1/tokens/{id}",			USER,	WRITES,	SESSION | NOTED,		delete_token },
	{ GET,	"/api/v1/invites",				USER,	READS,	0,				get_invites },
	{ POST,	"/api/v1/invites",				USER,	WRITES,	SECRET | NOTED,			post_invite },
	{ DELETE, "/api/v1/invites/{id}",			USER,	WRITES,	NOTED,				delete_invite },
	{ POST,	"/api/v1/links/check",				ANYONE,	OPEN,	SECRET,				post_links_check },
	{ POST,	"/api/v1/links/redeem",				ANYONE,	SIGNS_UP, SECRET | NOTED,		post_links_redeem },

	{ GET,	"/api/v1/conversations",			USER,	READS,	BOUND,				get_conversations },
	{ POST,	"/api/v1/conversations",			USER,	WRITES,	0,				post_conversation },
	{ GET,	"/api/v1/conversations/public",			USER,	READS,	0,				get_public_conversations },
	{ GET,	"/api/v1/conversations/{id}",			USER,	READS,	OF,				get_conversation },
	{ PATCH, "/api/v1/conversations/{id}",			USER,	WRITES,	OF | NOTED,			patch_conversation },
	{ DELETE, "/api/v1/conversations/{id}",			USER,	WRITES,	OF | NOTED,			delete_conversation },
	{ GET,	"/api/v1/conversations/{id}/members",		USER,	READS,	OF,				get_members },
	{ POST,	"/api/v1/conversations/{id}/members",		USER,	WRITES,	OF | NOTED,			post_member },
	{ PATCH, "/api/v1/conversations/{id}/members/{id}",	USER,	WRITES,	OF | NOTED,			patch_member },
	{ DELETE, "/api/v1/conversations/{id}/members/{id}",	USER,	WRITES,	OF | NOTED,			delete_member },
	{ PUT,	"/api/v1/conversations/{id}/read",		USER,	WRITES,	OF,				put_read },
	{ POST,	"/api/v1/conversations/{id}/typing",		USER,	TYPES,	OF,				post_typing },

	{ GET,	"/api/v1/conversations/{id}/messages",		USER,	READS,	OF,				get_messages },
	{ POST,	"/api/v1/conversations/{id}/messages",		USER,	SENDS,	OF | PLAIN | SURE,		post_message },
	{ GET,	"/api/v1/messages/{id}",			USER,	READS,	BOUND,				get_message },
	{ PATCH, "/api/v1/messages/{id}",			USER,	WRITES,	BOUND,				patch_message },
	{ DELETE, "/api/v1/messages/{id}",			USER,	WRITES,	BOUND,				delete_message },
	{ PUT,	"/api/v1/messages/{id}/reactions/{word}",	USER,	WRITES,	BOUND,				put_reaction },
	{ DELETE, "/api/v1/messages/{id}/reactions/{word}",	USER,	WRITES,	BOUND,				delete_reaction },

	{ GET,	"/api/v1/conversations/{id}/events",		USER,	READS,	OF,				get_conversation_events },
	{ GET,	"/api/v1/me/events",				USER,	READS,	0,				get_my_events },
	{ GET,	"/api/v1/events",				USER,	STREAMS, BOUND,				get_events },
	{ GET,	"/api/v1/sync",					USER,	READS,	0,				get_sync },

	{ .call = NULL }
};
/* clang-format on */
