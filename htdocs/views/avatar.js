import { html } from '../lib/html.js';
import { hueOf, initials } from '../lib/text.js';
import { isOnline } from '../store/people.js';

/**
 * A picture, or initials on a colour chosen from the name.
 *
 * @param {{ user: User, small?: boolean, presence?: boolean }} props
 */
export function Avatar({ user, small = false, presence = false }) {
	const name = user.display_name || user.username;
	return html`<span class="avatar ${small ? 'avatar-small' : ''} hue-${hueOf(user.username)}"
		aria-hidden="true">
		${user.avatar_url ? html`<img src=${user.avatar_url} alt="" loading="lazy" />`
			: html`<span class="avatar-letters">${initials(name)}</span>`}
		${presence && html`<span class="presence ${isOnline(user.id) ? 'is-online' : ''}"></span>`}
	</span>`;
}
