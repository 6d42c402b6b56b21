/*
 * Holds answers and events against docs/openapi.json and docs/asyncapi.json.
 *
 * checkAnswer() runs on every answer of a described route in every test: its
 * status has to be documented, its body has to fit, and a key that nobody
 * described is refused, because the next reader could not know it.
 */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import Ajv from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';

const folder = new URL('../../docs/', import.meta.url);
export const openapi = JSON.parse(readFileSync(new URL('openapi.json', folder)));
export const asyncapi = JSON.parse(readFileSync(new URL('asyncapi.json', folder)));

const METHODS = ['get', 'put', 'post', 'delete', 'patch'];

/** A copy in which objects have no other keys than the described ones. */
function closed(node) {
	if (Array.isArray(node))
		return node.map(closed);
	if (node === null || typeof node !== 'object')
		return node;
	const copy = {};
	for (const [key, value] of Object.entries(node))
		copy[key] = ['example', 'examples'].includes(key) ? value : closed(value);
	if (copy.type === 'object' && copy.properties !== undefined
		&& copy.additionalProperties === undefined)
		copy.additionalProperties = false;
	return copy;
}

const ajv = new Ajv({ strict: false, allErrors: true, discriminator: true });
addFormats(ajv);
ajv.addSchema(closed(openapi), 'openapi');
ajv.addSchema(closed(asyncapi), 'asyncapi');

/** A part of a document, following one $ref. */
export function resolve(document, part) {
	if (part?.$ref === undefined)
		return part;
	return part.$ref.slice(2).split('/').map((word) =>
		word.replaceAll('~1', '/').replaceAll('~0', '~'))
		.reduce((node, word) => node[word], document);
}

/** [{method, path, operation, pattern}] of everything described. */
export const operations = Object.entries(openapi.paths).flatMap(([path, item]) =>
	METHODS.filter((method) => item[method] !== undefined).map((method) => ({
		method: method.toUpperCase(),
		path,
		operation: item[method],
		pattern: new RegExp('^' + path.replace(/[.]/g, '\\.')
			.replace(/\{[a-z_]+\}/g, '[^/]+') + '$'),
	})));

/** The operation that a request address means; literal paths go first. */
export function operationOf(method, path) {
	return operations.filter((o) => o.method === method && o.pattern.test(path))
		.sort((a, b) => a.path.split('{').length - b.path.split('{').length)[0];
}

/** "METHOD /path STATUS" of every answer that was checked in this process. */
export const seen = new Set();

const compiled = new Map();

function validator(pointer) {
	if (!compiled.has(pointer))
		compiled.set(pointer, ajv.compile({ $ref: pointer }));
	return compiled.get(pointer);
}

/** Why, with the name of a key that nobody described. */
function why({ errors }) {
	return (errors ?? []).map((e) => `${e.instancePath} ${e.message} ${e.params.additionalProperty
		?? JSON.stringify(e.params)}`).join('; ').slice(0, 2000);
}

const escape = (word) => word.replaceAll('~', '~0').replaceAll('/', '~1');

/** Hold value against a schema of a document, e.g. 'openapi', 'Message'. */
export function checkSchema(document, name, value) {
	const validate = validator(`${document}#/components/schemas/${name}`);
	assert.ok(validate(value), `not a ${name}: ${why(validate)}\n`
		+ JSON.stringify(value).slice(0, 2000));
}

export function checkAnswer(method, address, sitePath, answer) {
	const path = '/' + address.split('?')[0].slice(sitePath.length);
	const found = operationOf(method, path);
	if (found === undefined)
		return;
	const what = `${method} ${found.path} ${answer.status}`;
	const response = resolve(openapi, found.operation.responses[answer.status]);
	assert.ok(response !== undefined,
		`${what} is not described: ${answer.text.slice(0, 1000)}`);
	seen.add(what);
	const type = (answer.headers['content-type'] ?? '').split(';')[0].trim();
	if (response.content === undefined) {
		assert.equal(answer.text, '', `${what}: a body where none is described`);
		return;
	}
	const content = response.content[type];
	assert.ok(content !== undefined, `${what}: content type '${type}' is not described: `
		+ answer.text.slice(0, 300));
	if (content.schema === undefined || !type.endsWith('json'))
		return;
	const reference = found.operation.responses[answer.status].$ref;
	const pointer = (reference !== undefined ? `openapi${reference}`
		: `openapi#/paths/${escape(found.path)}/${method.toLowerCase()}`
		+ `/responses/${answer.status}`)
		+ `/content/${escape(type)}/schema`;
	const validate = validator(pointer);
	assert.ok(validate(answer.body), `${what} does not fit its description: `
		+ `${why(validate)}\n${answer.text.slice(0, 2000)}`);
}

/**
 * Hold one event, from a page or a live stream, against AsyncAPI. channel: on
 * which of its channels it was heard ('mine', 'conversation').
 */
export function checkEvent(event, channel) {
	const name = Object.entries(asyncapi.components.messages)
		.find(([, message]) => message.name === event.type);
	assert.ok(name !== undefined, `event ${event.type} is not described`);
	if (channel !== undefined)
		assert.ok(asyncapi.channels[channel].messages[name[0]] !== undefined,
			`event ${event.type} is not described for the channel ${channel}`);
	const validate = validator(`asyncapi#/components/messages/${escape(name[0])}/payload`);
	assert.ok(validate(event), `event ${event.type} does not fit its description: `
		+ `${why(validate)}\n${JSON.stringify(event).slice(0, 2000)}`);
}
