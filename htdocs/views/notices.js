import { html } from '../lib/html.js';
import { dismiss, notices } from '../store/notices.js';
import { IconButton } from './icon-button.js';

/** Short words at the foot of the page that go away by themselves. */
export function Notices() {
	return html`<div class="notices" role="status">
		${notices.value.map((n) => html`<div class="notice" key=${n.id}>
			<span>${n.text}</span>
			<${IconButton} icon="x" label="Dismiss" onClick=${() => dismiss(n.id)} />
		</div>`)}
	</div>`;
}
