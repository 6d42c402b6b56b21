#include "http/problem.h"

#define PROBLEM_BYTES_MAX (64 * 1024)
#define UNAVAILABLE_RETRY_S 2

/* clang-format off */
static const struct problem problems[ERR_COUNT] = {
[ERR_BAD_INPUT] = { 400, "bad_input", "Bad input",
	"Something in the request is missing, wrong or out of range." },
[ERR_BAD_JSON] = { 400, "bad_json", "Bad JSON",
	"The body is not JSON, or too deep or too large in its parts." },
[ERR_UNAUTHENTICATED] = { 401, "unauthenticated", "Not signed in",
	"Sign in, or send a token as Authorization: Bearer." },
[ERR_BAD_CREDENTIALS] = { 401, "bad_credentials", "Wrong name or password",
	"The user name or the password is wrong." },
[ERR_FORBIDDEN] = { 403, "forbidden", "Not allowed",
	"You may not do this." },
[ERR_CROSS_SITE] = { 403, "cross_site", "From another site",
	"A change with a cookie has to come from this site's own address." },
[ERR_SCOPE] = { 403, "scope_missing", "Token not meant for this",
	"The token's scopes or its conversation do not cover this." },
[ERR_REGISTRATION_CLOSED] = { 403, "registration_closed", "Sign-up is closed",
	"New accounts need an invitation, or none are taken here." },
[ERR_NOT_FOUND] = { 404, "not_found", "Not found",
	"There is nothing here, or nothing that you may see." },
[ERR_LINK_INVALID] = { 404, "link_invalid", "Link not valid",
	"The link or code is unknown, used or expired." },
[ERR_METHOD] = { 405, "method_not_allowed", "Method not allowed",
	"This address does not take that method." },
[ERR_CONFLICT] = { 409, "conflict", "Conflict",
	"It is there already, or was changed meanwhile." },
[ERR_USERNAME_TAKEN] = { 409, "username_taken", "User name taken",
	"Somebody else has this user name." },
[ERR_OWNER_MUST_STAY] = { 409, "owner_must_stay", "The last owner",
	"Make somebody else an owner first." },
[ERR_ARCHIVED] = { 409, "conversation_archived", "Archived",
	"The conversation is archived and can only be read." },
[ERR_RESYNC] = { 410, "resync", "Load afresh",
	"The log of events does not reach back that far." },
[ERR_TOO_LARGE] = { 413, "too_large", "Too large",
	"The body is larger than what is taken here." },
[ERR_MEDIA_TYPE] = { 415, "unsupported_media_type", "Unsupported media type",
	"Send the body as Content-Type: application/json, in UTF-8." },
[ERR_IDEMPOTENCY_MISMATCH] = { 422, "idempotency_mismatch",
	"Key used for something else",
	"This idempotency key was used before with another body." },
[ERR_RATE_LIMITED] = { 429, "rate_limited", "Too many requests",
	"Wait as long as Retry-After says." },
[ERR_INTERNAL] = { 500, "internal", "Internal error",
	"Something went wrong here; the log has it under this request id." },
[ERR_UNAVAILABLE] = { 503, "unavailable", "Not available just now",
	"The database is away or too slow; try again." },
};
/* clang-format on */

const struct problem *
problem_of(enum err e)
{
	if (e <= OK || e >= ERR_COUNT)
		e = ERR_INTERNAL;
	return &problems[e];
}

static void
shape_errors(struct json *j, const struct request *q)
{
	json_array(j, "errors");
	for (size_t i = 0; i < q->error_count; i++) {
		json_object(j, NULL);
		json_text(j, "pointer", q->errors[i].pointer);
		json_text(j, "code", q->errors[i].code);
		json_text(j, "detail", q->errors[i].detail);
		json_end_object(j);
	}
	json_end_array(j);
}

static unsigned
retry_after(const struct request *q, enum err e)
{
	if (e == ERR_UNAVAILABLE)
		return UNAVAILABLE_RETRY_S;
	if (e == ERR_RATE_LIMITED)
		return q->retry_after_s > 0 ? q->retry_after_s : 1;
	return 0;
}

void
problem_shape(struct reply *p, const struct request *q, enum err e)
{
	const struct problem *problem = problem_of(e);
	struct json *j = &p->json;

	*p = (struct reply){.status = problem->status,
	    .content_type = "application/problem+json",
	    .retry_after_s = retry_after(q, e)};
	json_start(j, q->arena, PROBLEM_BYTES_MAX);
	json_object(j, NULL);
	json_text(j, "type", "about:blank");
	json_text(j, "title", problem->title);
	json_u64(j, "status", problem->status);
	json_text(j, "code", problem->code);
	json_text(j, "detail", problem->detail);
	json_text(j, "instance", q->request_id);
	if ((e == ERR_BAD_INPUT || e == ERR_FORBIDDEN) && q->error_count > 0)
		shape_errors(j, q);
	json_end_object(j);
}
