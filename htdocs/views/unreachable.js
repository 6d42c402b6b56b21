import { useEffect, useState } from 'preact/hooks';
import { html } from '../lib/html.js';
import { begin } from '../store/account.js';
import { site } from '../store/session.js';

/** The server didn't answer at the start; it is asked again by itself. */
export function Unreachable() {
	const [busy, setBusy] = useState(false);

	async function again() {
		setBusy(true);
		await begin();
		setBusy(false);
	}

	useEffect(() => {
		const timer = setInterval(begin, 10_000);
		addEventListener('online', begin);
		return () => {
			clearInterval(timer);
			removeEventListener('online', begin);
		};
	}, []);

	return html`<main class="entrance"><div class="entrance-box">
		<h1>${site.value.name} can’t be reached</h1>
		<p>The server doesn’t answer, or you are offline. This page tries again by itself.</p>
		<button type="button" class="button" disabled=${busy} onClick=${again}>Try now</button>
	</div></main>`;
}
