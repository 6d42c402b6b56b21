import DOMPurify from 'dompurify';

/* What the server's renderer may write; the second wall behind it. */
const config = {
	ALLOWED_TAGS: [
		'p', 'br', 'strong', 'em', 'del', 'code', 'pre', 'blockquote', 'ul', 'ol',
		'li', 'a', 'h1', 'h2', 'h3', 'h4', 'h5', 'h6', 'hr', 'table', 'thead',
		'tbody', 'tr', 'th', 'td', 'input', 'span',
	],
	ALLOWED_ATTR: [
		'href', 'rel', 'target', 'class', 'start', 'type', 'checked',
		'disabled', 'data-username',
	],
	ALLOW_DATA_ATTR: false,
	/* These hold words, not addresses. */
	ADD_URI_SAFE_ATTR: ['rel', 'target', 'start', 'type', 'checked', 'disabled', 'data-username'],
	ALLOWED_URI_REGEXP: /^(?:https?:|mailto:|#|\.?\/)/i,
};

DOMPurify.addHook('afterSanitizeAttributes', (node) => {
	if (node.nodeName === 'A') {
		node.setAttribute('target', '_blank');
		node.setAttribute('rel', 'noopener noreferrer nofollow');
	}
	if (node.nodeName === 'INPUT') {
		node.setAttribute('type', 'checkbox');
		node.setAttribute('disabled', '');
		node.setAttribute('aria-label', node.hasAttribute('checked') ? 'done' : 'to do');
	}
	if (/^(P|LI|BLOCKQUOTE|H[1-6]|TD|TH)$/.test(node.nodeName))
		node.setAttribute('dir', 'auto');
});

/**
 * HTML of a message, safe to insert.
 *
 * @param {string} html
 */
export function purify(html) {
	return DOMPurify.sanitize(html, config);
}

/**
 * The same as nodes.
 *
 * @param {string} html
 */
export const purifyToNodes = (html) =>
	DOMPurify.sanitize(html, { ...config, RETURN_DOM_FRAGMENT: true });
