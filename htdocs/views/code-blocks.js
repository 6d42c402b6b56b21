import { h, render } from 'preact';
import { useLayoutEffect, useState } from 'preact/hooks';
import { copy } from '../lib/clipboard.js';
import { html } from '../lib/html.js';
import { purifyToNodes } from '../lib/purify.js';
import { announce } from '../store/notices.js';
import { Icon } from './icon.js';

/** Longer code stays in one colour: it would hold up the page. */
const mostColoured = 20_000;

/**
 * The code blocks of a message get their colours, the name of the language
 * and a button that copies them.
 *
 * @param {{ current: HTMLElement | null }} box
 * @param {string} safe the HTML in it
 */
export function useCodeBlocks(box, safe) {
	useLayoutEffect(() => {
		const tools = [...box.current?.querySelectorAll('pre') ?? []].map((pre) => {
			const text = pre.textContent ?? '';
			const code = pre.querySelector('code');
			const language = /language-(\S+)/.exec(pre.className)?.[1] ?? '';
			if (code && language && text.length < mostColoured)
				colour(code, text, language);
			const frame = document.createElement('div');
			const tool = document.createElement('div');
			frame.className = 'code-block';
			tool.className = 'code-tool';
			pre.replaceWith(frame);
			frame.append(pre, tool);
			/* By keyboard, only what has the focus can be scrolled. */
			if (pre.scrollWidth > pre.clientWidth)
				pre.tabIndex = 0;
			render(h(CodeTool, { text, language }), tool);
			return tool;
		});
		return () => tools.forEach((tool) => render(null, tool));
	}, [safe]);
}

/**
 * @param {HTMLElement} code
 * @param {string} text
 * @param {string} language as it was written
 */
async function colour(code, text, language) {
	try {
		const { default: highlight } = await import('highlight');
		if (highlight.getLanguage(language))
			code.replaceChildren(purifyToNodes(
				highlight.highlight(text, { language, ignoreIllegals: true }).value));
	} catch {
		/* It couldn't be fetched: code is read without colours, too. */
	}
}

/** @param {{ text: string, language: string }} props */
function CodeTool({ text, language }) {
	const [copied, setCopied] = useState(false);

	async function onCopy() {
		if (!await copy(text))
			return;
		setCopied(true);
		announce('Copied.');
		setTimeout(() => setCopied(false), 2_000);
	}

	return html`<span>${language}</span>
		<button type="button" class="icon-button" aria-label="Copy code" title="Copy code" onClick=${onCopy}>
			<${Icon} name=${copied ? 'check' : 'copy'} size=${15} /></button>`;
}
