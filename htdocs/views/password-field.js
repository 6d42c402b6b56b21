import { useState } from 'preact/hooks';
import { html } from '../lib/html.js';
import { Field } from './field.js';

/** A password, which may be shown while one types it. @param {{ [other: string]: any }} props */
export function PasswordField(props) {
	const [shown, setShown] = useState(false);
	return html`<${Field} ...${props} type=${shown ? 'text' : 'password'} required
		autocapitalize="none" spellcheck=${false} end=${html`<button type="button"
			class="link-button field-end" aria-label=${shown ? 'Hide what is typed' : 'Show what is typed'}
			onClick=${() => setShown(!shown)}>${shown ? 'Hide' : 'Show'}</button>`} />`;
}
