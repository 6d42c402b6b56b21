import { deleteOneSession, deleteOtherSessions, getSessions } from '../api.js';
import { html } from '../lib/html.js';
import { browserName } from '../lib/browser-name.js';
import { relativeTime } from '../lib/time.js';
import { trying } from '../store/notices.js';
import { useList } from './use-list.js';

/** Where I am signed in. */
export function SettingsSessions() {
	const { items, problem, reload } = useList(getSessions);

	/** @param {Promise<any>} work */
	async function end(work) {
		await trying(work, 'Couldn’t end the session.');
		await reload();
	}

	return html`<p>Browsers in which you are signed in.</p>
		${problem && html`<p class="form-error" role="alert">${problem}</p>`}
		<ul class="settings-list">${items?.map((s) => html`<li key=${s.id}>
			<span class="settings-item"><b>${browserName(s.user_agent)}</b>
				<span class="quiet">${s.current ? 'This session'
					: `Last used ${relativeTime(s.seen_at ?? s.created_at)}`}${s.address ? ` · ${s.address}` : ''}</span></span>
			${!s.current && html`<button type="button" class="button"
				onClick=${() => end(deleteOneSession(s.id))}>End</button>`}
		</li>`)}</ul>
		${items && items.length > 1 && html`<button type="button" class="button is-danger"
			onClick=${() => end(deleteOtherSessions())}>End all other sessions</button>`}`;
}
