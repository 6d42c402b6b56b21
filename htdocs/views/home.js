import { html } from '../lib/html.js';
import { me } from '../store/session.js';
import { FirstSteps } from './first-steps.js';

/** The pane when no conversation is chosen. */
export function Home() {
	const name = me.value?.display_name.split(' ')[0] ?? '';
	return html`<main class="home" tabindex="-1">
		<div class="home-box">
			<h2>Hello, <bdi>${name}</bdi></h2>
			<p class="quiet">Choose a conversation from the list, or begin something new.</p>
			<${FirstSteps} />
		</div>
	</main>`;
}
