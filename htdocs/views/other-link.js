import { html } from '../lib/html.js';
import { signOut } from '../store/account.js';
import { me, site } from '../store/session.js';

/** A sign-in link or an invitation, opened by somebody who is in. */
export function OtherLink() {
	return html`<main class="entrance"><div class="entrance-box">
		<p class="entrance-site"><img src="./icons/icon.svg" alt="" width="28" height="28" />${site.value.name}</p>
		<h1>You are signed in</h1>
		<p>This link is for somebody who isn’t. You are <strong dir="auto">${me.value?.display_name}</strong> here.
			To follow it, sign out first.</p>
		<button type="button" class="button button-primary button-wide" onClick=${signOut}>Sign out</button>
		<p class="entrance-foot"><a href="#/">Stay signed in</a></p>
	</div></main>`;
}
