import { html } from '../lib/html.js';
import { announcement } from '../store/notices.js';

/** The one place that speaks to assistive technology on its own. */
export function Announcer() {
	return html`<div class="unseen" role="status" aria-live="polite">${announcement.value}</div>`;
}
