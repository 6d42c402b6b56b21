import { html } from '../lib/html.js';

let lastId = 0;

/**
 * A labelled input with a hint, and an error that is spoken; `end` stands at
 * its end.
 *
 * @param {{ label: string, error?: string, hint?: string, end?: any, id?: string,
 *	[other: string]: any }} props
 */
export function Field({ label, error, hint, end, ...input }) {
	const id = input.id ?? `field-${input.name ?? ++lastId}`;
	const about = error ? `${id}-error` : hint ? `${id}-hint` : undefined;
	return html`<div class="field ${error ? 'has-error' : ''}">
		<label for=${id}>${label}</label>
		<div class="field-box"><input ...${input} id=${id} aria-describedby=${about}
			aria-invalid=${error ? 'true' : undefined} />${end}</div>
		${error ? html`<p class="field-error" id="${id}-error" role="alert">${error}</p>`
			: hint && html`<p class="field-hint" id="${id}-hint">${hint}</p>`}
	</div>`;
}
