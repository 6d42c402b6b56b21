import { html } from '../lib/html.js';
import { CopyField } from './copy-field.js';
import { Dialog } from './dialog.js';

/** A link to be copied by hand. @param {{ title: string, link: string }} props */
export function LinkDialog({ title, link }) {
	return html`<${Dialog} title=${title} class="dialog-small">
		<${CopyField} label="Link" value=${link} />
	</${Dialog}>`;
}
