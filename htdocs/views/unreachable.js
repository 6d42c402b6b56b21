import { useEffect, useState } from 'preact/hooks';
import { html } from '../lib/html.js';
import { enter } from '../store/account.js';
import { site } from '../store/session.js';

/** The server didn't answer at the start; it is asked again by itself. */
export function Unreachable() {
	const [busy, setBusy] = useState(false);

	async function again() {
		setBusy(true);
		await enter();
		setBusy(false);
	}

	useEffect(() => {
		const timer = setInterval(enter, 10_000);
		addEventListener('online', enter);
		return () => {
			clearInterval(timer);
			removeEventListener('online', enter);
		};
	}, []);

	return html`<main class="entrance"><div class="entrance-box">
		<h1>${site.value.name} can’t be reached</h1>
		<p>The server doesn’t answer, or you are offline. This page tries again by itself.</p>
		<button type="button" class="button" disabled=${busy} onClick=${again}>Try now</button>
	</div></main>`;
}
