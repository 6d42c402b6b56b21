/*
 * The catalogue of bad input: data, and what follows from a schema.
 *
 * NOT_JSON and NOT_OBJECTS are bodies that no route takes.  wrong(schema) and
 * right(schema) are the values around the limits that docs/openapi.json
 * states.  The rest are bytes for queries, paths, headers and connections.
 */

import { openapi, resolve } from '../support/contract.js';

/** Stands in what is sent, and never in what is answered. */
export const MARK = 'mark-5b1e';

const bytes = (...parts) => Buffer.concat(parts.map((part) => Buffer.from(part)));
const inText = (...raw) => bytes(`{"text":"${MARK}`, raw, '"}');
const beside = (value) => `{"text":"${MARK}","x":${value}}`;

export const NOT_JSON = {
	'blanks': ' \n\t ',
	'a word': MARK,
	'single quotes': `{'text':'${MARK}'}`,
	'no quotes': `{text:"${MARK}"}`,
	'a comment': `{"text":"${MARK}"/**/}`,
	'a line comment': `{"text":"${MARK}"}//x`,
	'a trailing comma': `{"text":"${MARK}",}`,
	'an empty element': beside('[1,,2]'),
	'two documents': `{"text":"${MARK}"}{"text":"b"}`,
	'a spare brace': `{"text":"${MARK}"}}`,
	'a spare bracket': `{"text":"${MARK}"}]`,
	'no end': `{"text":"${MARK}"`,
	'no end of a string': `{"text":"${MARK}`,
	'a BOM': bytes([0xef, 0xbb, 0xbf], '{"text":"a"}'),
	'UTF-16 LE': Buffer.from('{"text":"a"}', 'utf16le'),
	'UTF-16 BE': Buffer.from('{"text":"a"}', 'utf16le').swap16(),
	'UTF-32 LE': bytes(...[...'{"text":"a"}'].map((c) => [c.charCodeAt(0), 0, 0, 0])),
	'UTF-32 BE': bytes(...[...'{"text":"a"}'].map((c) => [0, 0, 0, c.charCodeAt(0)])),
	...Object.fromEntries(['NaN', 'Infinity', '-Infinity', '1e400', '-1e400', '-0', '01', '-01', '+1', '.5', '2.',
		'2.e3', '0x10', '1_000', '1e', '1e+', '--1', 'True', 'NULL', 'undefined', '9223372036854775808',
		'18446744073709551616', '-9223372036854775809', '9'.repeat(21), '9'.repeat(40), '9'.repeat(10_000),
		'0.'.padEnd(60_000, '1')].map((number) => [number.slice(0, 30), beside(number)])),
	'a double key': `{"text":"${MARK}","text":"b"}`,
	'a double key by escape': `{"text":"${MARK}","te\\u0078t":"b"}`,
	'a double key inside': beside('{"to":"C1","to":"C2"}'),
	'a key with NUL': `{"text":"${MARK}","x\\u0000y":1}`,
	'a key of a known name and NUL': `{"text\\u0000":"${MARK}"}`,
	'NUL in a string': `{"text":"${MARK}\\u0000b"}`,
	...Object.fromEntries(Array.from({ length: 32 }, (_, c) => [`raw ${c}`, inText(c)])),
	'a lone high surrogate': `{"text":"${MARK}\\ud800"}`,
	'a lone low surrogate': `{"text":"${MARK}\\udc00"}`,
	'swapped surrogates': `{"text":"${MARK}\\udc00\\ud800"}`,
	'a broken pair': `{"text":"${MARK}\\ud83d\\u0041"}`,
	'a surrogate in a key': `{"${MARK}\\ud800":1}`,
	'a bad escape': `{"text":"${MARK}\\x41"}`,
	'a cut escape': `{"text":"${MARK}\\u12"}`,
	...Object.fromEntries([[0xc0, 0x80], [0xc1, 0xbf], [0xe0, 0x80, 0x80], [0xf0, 0x80, 0x80, 0x80],
		[0xed, 0xa0, 0x80], [0xed, 0xbf, 0xbf], [0xf4, 0x90, 0x80, 0x80], [0xf5, 0x80, 0x80, 0x80], [0xfe], [0xff],
		[0x80], [0xbf], [0xe2, 0x82], [0xf0, 0x9f, 0x98]].map((raw) => [Buffer.from(raw).toString('hex'), inText(...raw)])),
	'cut at the end': bytes(`{"text":"${MARK}`, [0xe2, 0x82]),
	'not UTF-8 in a key': bytes('{"', [0xff], `":"${MARK}"}`),
	...Object.fromEntries([9, 33, 1000, 40_000].flatMap((depth) => [
		[`${depth} brackets`, '['.repeat(depth) + ']'.repeat(depth)],
		[`${depth} open brackets`, '['.repeat(depth)],
		[`${depth} objects`, '{"a":'.repeat(Math.min(depth, 18_000)) + '1'],
	])),
	'8 brackets in an object': beside('['.repeat(8) + ']'.repeat(8)),
	'65 keys': `{${Array.from({ length: 65 }, (_, i) => `"k${i}":1`).join()}}`,
	'10,000 keys': `{${Array.from({ length: 10_000 }, (_, i) => `"${i}":1`).join()}}`,
};

/** JSON, but no request has so much in its lists. */
export const LONG_LISTS = {
	'1,001 elements': beside(`[${'1,'.repeat(1000)}1]`),
	'1,001 elements in two lists': `{"a":[${'1,'.repeat(600)}1],"b":[${'1,'.repeat(400)}1]}`,
	'1,001 elements below a key of a stranger': `{"${MARK}":[${'1,'.repeat(1000)}1]}`,
	'many lists in lists': beside(`[${'[],'.repeat(40_000)}1]`),
};

export const NOT_OBJECTS = ['null', 'true', 'false', '"x"', '7', '[]', '[{"text":"a"}]', '[null]', '""', '1.5'];

/** Keys that mean something to somebody else. */
export const ODD_KEYS = '"__proto__":{"admin":true},"constructor":{"prototype":{"admin":1}},'
	+ `"hasOwnProperty":1,"toString":null,"":1,"${'k'.repeat(10_000)}":1,"\\ufffe":1,"$where":"1","a.b":1,"a[b]":1`;

/** A number as it is written, since JavaScript would write another. */
export class Raw {
	constructor(text) {
		this.text = text;
	}
}

/** JSON of an object that may have Raw in it. */
export const written = (object) => `{${Object.entries(object).filter(([, value]) => value !== undefined)
	.map(([key, value]) => `${JSON.stringify(key)}:${value instanceof Raw ? value.text : JSON.stringify(value)}`)}}`;

/** So many letters of which no two stand together twice: no pattern, no word. */
export function letters(length, alphabet = 'abcdefghijkmnpqrstuvwxyz23456789') {
	const all = [...alphabet];
	return Array.from({ length }, (_, i) => all[(i * i + 7 * i + (i >> 5)) % all.length]).join('');
}

/** Four bytes, and two code units of JavaScript, each. */
const wide = (length) => letters(length, Array.from({ length: 32 }, (_, i) =>
	String.fromCodePoint(0x1f600 + i)).join(''));

const NO_STRINGS = [1, true, [], {}, [null], new Raw('1.5')];
const NO_NUMBERS = ['1', '', true, [], {}, [1], ...['1.5', '1.0', '1e2', '-1', '-9007199254740993', '1e300', '1E3',
	'2.5e-3', '9223372036854775807', '-9223372036854775808', '9007199254740993'].map((text) => new Raw(text))];
const NO_TIMES = ['', 'x', 'now', '2090-01-01', '0000-00-00T00:00:00Z', '2090-02-30T00:00:00Z',
	'2090-13-01T00:00:00Z', '2090-01-01T24:00:00Z', '2090-01-01T00:00:61Z', '2090-01-01T00:00:00+99:99',
	'2090-01-01T00:00:00', '2090-01-01 00:00:00Z', ' 2090-01-01T00:00:00Z', '2090-01-01T00:00:00Z ',
	'+2090-01-01T00:00:00Z', '99999-01-01T00:00:00Z', '٢٠٩٠-01-01T00:00:00Z', '2001-01-01T00:00:00.000Z', '9'.repeat(5000)];

const ofType = {
	string(schema) {
		const text = schema.pattern === undefined ? wide : letters;
		return {
			wrong: [...NO_STRINGS, text(schema.maxLength + 1), ...schema.minLength > 0
				? ['', ...schema.minLength > 1 ? [text(schema.minLength - 1)] : []] : []],
			right: [text(schema.maxLength), letters(schema.maxLength), letters(Math.max(1, schema.minLength))],
		};
	},
	time: () => ({ wrong: [...NO_STRINGS, ...NO_TIMES],
		right: ['2090-01-01T00:00:00Z', '2090-06-30T23:59:60Z', '2090-01-01t00:00:00.123456+02:00', '9999-12-31T23:59:59.999Z'] }),
	choice: (schema) => ({ wrong: [1, true, [], {}, '', 'x', ...schema.enum.flatMap((word) => [word.toUpperCase(),
		`${word} `, [word]])], right: schema.enum }),
	integer: (schema) => ({
		wrong: [...NO_NUMBERS, new Raw(String(BigInt(schema.maximum) + 1n)), new Raw(String(schema.minimum - 1))],
		right: [schema.minimum, schema.maximum],
	}),
	boolean: () => ({ wrong: ['true', '', 0, 1, [], {}], right: [true, false] }),
	object: () => ({ wrong: ['x', 1, true, [], [{}]], right: [{}] }),
	array(schema) {
		const [item] = limits(schema.items).right;
		const list = (length) => Array.from({ length }, () => item);
		return {
			wrong: ['x', 1, true, {}, item, [null], [[]], [{}], ...limits(schema.items).wrong.slice(0, 8).map((one) =>
				one instanceof Raw ? new Raw(`[${one.text}]`) : [one]), list(schema.maxItems + 1),
			...schema.minItems > 0 ? [[]] : []],
			right: [list(schema.maxItems), list(Math.max(1, schema.minItems ?? 0))],
		};
	},
};

/** Besides null, which is tried wherever a field may be absent. */
const typeOf = (schema) => [schema.type].flat().find((type) => type !== 'null');

/** What is refused for its type or size, and what stands at the limit. */
export function limits(given) {
	const { $ref, ...more } = given;
	const schema = { ...resolve(openapi, { $ref }), ...more };
	if (schema.const !== undefined)
		return ofType.choice({ enum: [schema.const] });
	if (schema.enum !== undefined)
		return ofType.choice(schema);
	return ofType[schema.format === 'date-time' ? 'time' : typeOf(schema)](schema);
}

/** Why a schema does not say how much is taken; or null. */
export function unbounded(given) {
	const { $ref, ...more } = given;
	const schema = { ...resolve(openapi, { $ref }), ...more };
	if (schema.enum !== undefined || schema.const !== undefined || schema.format === 'date-time')
		return null;
	const wanted = { string: ['maxLength'], integer: ['minimum', 'maximum'], array: ['maxItems', 'items'],
		object: ['maxProperties'], boolean: [] }[typeOf(schema)] ?? ['type'];
	const missing = wanted.filter((word) => schema[word] === undefined);
	return missing.length > 0 ? `without ${missing}` : schema.items === undefined ? null : unbounded(schema.items);
}

/** Whole numbers and ids in a query or a path, badly written: as they are sent. */
export const NO_NUMBERS_IN_URL = ['x', '-1', '%2B1', '+1', '%201', '1%20', '1e3', '0x1', '1.0', '01', '%D9%A1',
	'%EF%BC%91', 'NaN', '1;2', "1'", '1%00', '%00', '~', '9007199254740992', '9007199254740993', '2147483648.0',
	'9223372036854775807', '9223372036854775808', '18446744073709551616', '18446744073709551617', '9'.repeat(5000),
	'1%20or%201=1', '%C2%B9', '1,2', '[1]'];

/** What no query may be. */
export const NO_QUERIES = ['x=%', 'x=%4', 'x=%zz', 'x=%00', '%00=1', 'x=%c0%af', 'x=%u0041', 'x=%ff', '%fe=1', 'x=%ed%a0%80',
	'a=1&'.repeat(33).slice(0, -1)];

/** What any query may be. */
export const ODD_QUERIES = ['', '&&&', '=', '=1', 'x', `${MARK}=1&${MARK}=2`, 'x[]=1', 'x;y=1', '?x=1', `x=${'a'.repeat(6000)}`,
	'a=b=c=d', 'x=%F0%9F%98%80', 'x=/../..', '&'.repeat(3000)];

export const NO_EMOJI = ['x', 'ab', '%20', '%00', '%ff', '%c0%80', '%ed%a0%80', ':x', '::', '%0a', encodeURIComponent('👍'.repeat(17)),
	'%E2%80%8B', encodeURIComponent("' OR 1=1"), '%2e%2e', 'a'.repeat(3000), '%25'];

export const SQL = ["'", "' OR '1'='1", '"; DROP TABLE users; --', '\\', "\\'", '%', '_', '`', '#', ';', '--', '/*!50000 SELECT 1 */',
	'0x41', "x' AND SLEEP(5)#", "1 AND (SELECT 1 FROM (SELECT SLEEP(5))x)", 'a\u001ab', "\u00bf' OR 1=1", '%_'.repeat(30), '+-><()~*"@',
	'"unbalanced', '*', '@@version', "' UNION SELECT 1,2,3 -- x", '{{7*7}}', '${7*7}'];

/** Lines of a header that are refused or mean nothing, after a good request's. */
export const HEADERS = {
	'a line of 9 kB': `X: ${'x'.repeat(9000)}`,
	'27 kB of lines': Array.from({ length: 7 }, () => `X: ${'x'.repeat(4000)}`).join('\r\n'),
	'3,000 lines': Array.from({ length: 3000 }, (_, i) => `X${i}: 1`).join('\r\n'),
	'eight bits': `X: ${String.fromCharCode(0xff, 0xfe, 0x80)}`,
	'a tab': 'X:\ta\tb',
	'no name': ': x',
	'a name with a blank': 'X y: z',
	'a blank before the colon': 'X : z',
	'no colon': MARK,
	'a folded line': `X: a\r\n ${MARK}`,
	'NUL': 'X: a\0b',
	'a bare CR': 'X: a\rY: b',
	'two authorizations': 'Authorization: Bearer x\r\nAuthorization: Bearer y',
	'an odd authorization': 'Authorization: Bearer',
	'a long authorization': `Authorization: Bearer ${'x'.repeat(7000)}`,
	'basic without base64': 'Authorization: Basic %%%',
	'basic with NUL': 'Authorization: Basic AAAAAAA=',
	'another scheme': 'Authorization: Negotiate x',
	'an odd accept': `Accept: ${'*/*;q=0.5,'.repeat(500)}`,
	'an odd range': `Range: bytes=${'0-,'.repeat(1000)}`,
	'an expectation': 'Expect: 200-ok',
	'an upgrade to nothing': 'Connection: Upgrade\r\nUpgrade: nothing',
	'200 cookies': `Cookie: ${Array.from({ length: 200 }, (_, i) => `c${i}=1`).join('; ')}`,
	'a cookie of 8 kB': `Cookie: natter_session=${'x'.repeat(8000)}`,
	'a cookie without a name': 'Cookie: =x; ; =; natter_session',
	'a quoted cookie': 'Cookie: $Version=1; natter_session="x"; $Path="/"',
	'an odd cookie': `Cookie: natter_session=${String.fromCharCode(0xc3, 0xa9)},;\t"`,
};

/** [what follows the request's own lines, the statuses it may get]. */
export const FRAMING = {
	'a negative length': ['Content-Length: -5\r\n\r\n{}', [400]],
	'a length with a plus': ['Content-Length: +5\r\n\r\n{}', [400]],
	'a hexadecimal length': ['Content-Length: 0x5\r\n\r\n{}', [400]],
	'a list of lengths': ['Content-Length: 5,5\r\n\r\n{}', [400]],
	'a length with a blank': ['Content-Length: 5 5\r\n\r\n{}', [400]],
	'two lengths': ['Content-Length: 5\r\nContent-Length: 6\r\n\r\n{}', [400]],
	'the same length twice': ['Content-Length: 2\r\nContent-Length: 2\r\n\r\n{}', [400]],
	'length and chunks': ['Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n', [400]],
	'20 digits': ['Content-Length: 99999999999999999999\r\n\r\n{}', [400, 413]],
	'100 MB': ['Content-Length: 104857600\r\n\r\n{}', [413]],
	'a bad chunk': ['Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n', [400]],
	'a huge chunk': ['Transfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n{}\r\n0\r\n\r\n', [400, 413]],
	'a chunk beyond 64 bits': ['Transfer-Encoding: chunked\r\n\r\n10000000000000002\r\n{}\r\n0\r\n\r\n', [400, 413]],
	'an odd encoding': ['Transfer-Encoding: xchunked\r\n\r\n{}', [400, 501]],
	'two encodings': ['Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n', [400, 501]],
	'an encoding that is folded': ['Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n', [400, 501]],
};

const me = 'GET /api/v1/me';

/** [what is no request, or an odd one, the statuses it may get]; 0: none. */
export const NO_REQUESTS = {
	'HTTP/0.9': [`${me}\r\n`, [0, 400, 401, 404]],
	'HTTP/1.0 without Host': [`${me} HTTP/1.0\r\n\r\n`, [401]],
	'HTTP/1.1 without Host': [`${me} HTTP/1.1\r\n\r\n`, [400]],
	'two Hosts': [`${me} HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n`, [400]],
	'HTTP/9.9': [`${me} HTTP/9.9\r\nHost: a\r\n\r\n`, [400, 505]],
	'a preface of HTTP/2': ['PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', [0, 400, 505]],
	'TLS': ['\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03', [400]],
	'blank lines': ['\r\n\r\n\r\n', [0, 400]],
	'only line feeds': [`${me} HTTP/1.1\nHost: x\nConnection: close\nMINE\n`, [200, 400]],
	'an absolute target': ['GET http://a/api/v1/me HTTP/1.1\r\nHost: a\r\nConnection: close\r\nMINE\r\n', [200]],
	'another scheme': ['GET gopher://a/api/v1/me HTTP/1.1\r\nHost: a\r\nConnection: close\r\nMINE\r\n', [200, 400, 404]],
};

/** Below the API. */
export const ODD_PATHS = ['/../me', '/%2e%2e/me', '/..%2fme', '/..;/me', '/me/', '/me/.', '/./me', '//me', '/ME', '/me%00', '/me%2f',
	'/me%5c', '/me;x=1', '/me;jsessionid=1', '/me.', '/me%20', '/me.json', '/%6de%', '/conversations/1%2f2', '/%E2%80%A4%E2%80%A4/me',
	'/%E2%88%95me', `/${'x'.repeat(7000)}`, `/${'x/'.repeat(3000)}`, '/me\\', '/.git/config', '/%c0%ae%c0%ae/me', '/%c0%afme'];

/** Below the site: nothing that is served. */
export const NO_FILES = ['natter.conf', '.git/config', 'secrets/curl-header', 'Makefile', '../var/secrets/curl-header', '.env',
	'vendor/../../natter.conf', 'vendor../natter.conf', 'htdocs/', 'icons/', 'styles/', 'vendor/', '.htaccess', 'index.html~',
	'sql/schema.sql', '%2e%2e/%2e%2e/etc/passwd', '_push/u_1', '_lines/u_1', '_wait', '_waited', '/_push/u_1', '%5fpush/u_1'];
