import { deleteInvite, getInvites } from '../api.js';
import { html } from '../lib/html.js';
import { count } from '../lib/text.js';
import { relativeTime } from '../lib/time.js';
import { trying } from '../store/notices.js';
import { openDialog } from '../store/ui.js';
import { useList } from './use-list.js';

/** Links with which new people may come. */
export function SettingsInvites() {
	const { items, problem, reload } = useList(getInvites);

	/** @param {Invite} invite */
	async function remove(invite) {
		await trying(deleteInvite(invite.id), 'Couldn’t withdraw the invitation.');
		await reload();
	}

	/** @param {Invite} i */
	const facts = (i) => [
		i.uses_left === undefined ? '' : `${count(i.uses_left, 'use')} left`,
		i.expires_at ? `ends ${relativeTime(i.expires_at)}` : 'never ends',
	].filter(Boolean).join(' · ');

	return html`<p>With an invitation link people create their own account.</p>
		${problem && html`<p class="form-error" role="alert">${problem}</p>`}
		<ul class="settings-list">${items?.map((i) => html`<li key=${i.id}>
			<span class="settings-item">
				<b>${i.created_at ? `Made ${relativeTime(i.created_at)}` : 'Invitation'}</b>
				<span class="quiet">${facts(i)}</span></span>
			<button type="button" class="button" onClick=${() => remove(i)}>Withdraw</button>
		</li>`)}</ul>
		${items?.length === 0 && html`<p class="quiet">There are no open invitations.</p>`}
		<button type="button" class="button" onClick=${() => openDialog('invite')}>New invitation link</button>`;
}
