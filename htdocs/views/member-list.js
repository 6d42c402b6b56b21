import * as api from '../api.js';
import { html } from '../lib/html.js';
import { compareNames, count } from '../lib/text.js';
import { members } from '../store/members.js';
import { trying } from '../store/notices.js';
import { isOnline } from '../store/people.js';
import { myId } from '../store/session.js';
import { openDialog } from '../store/ui.js';
import { Avatar } from './avatar.js';
import { Icon } from './icon.js';
import { IconButton } from './icon-button.js';
import { openMenu } from './menu.js';
import { openDirect } from './new-conversation-dialog.js';
import { anchorOf } from './popup.js';

/** @type {Record<Role, number>} */
const rank = { owner: 0, admin: 1, member: 2 };

/** Who is in a group, and what may be done about it. @param {{ conversation: Conversation }} props */
export function MemberList({ conversation: c }) {
	const list = members.value.get(c.id);
	const sorted = [...list ?? []].sort((a, b) => rank[a.role] - rank[b.role]
		|| compareNames(a.user.display_name, b.user.display_name));
	return html`<section class="members" tabindex="-1">
		<header class="members-head">
			<h3>${count(list?.length ?? c.member_count, 'member')}</h3>
			${c.role !== 'member' && html`<button type="button" class="link-button"
				onClick=${() => openDialog('add-members', { id: c.id })}>Add people</button>`}
		</header>
		<ul>${sorted.map((m) => html`<li class="member" key=${m.user.id} data-user=${m.user.username}>
			<${Avatar} user=${m.user} small presence />
			<span class="member-name"><bdi>${m.user.display_name}</bdi>
				${m.user.id === myId.value && html` <span class="quiet">(you)</span>`}
				${isOnline(m.user.id) && html`<span class="unseen">, online</span>`}</span>
			${m.role !== 'member' && html`<span class="member-role">
				${m.role === 'owner' && html`<${Icon} name="crown" size=${13} />`}${m.role}</span>`}
			${actionsOn(c, m).length > 0 && html`<${IconButton} icon="ellipsis"
				label="Actions for ${m.user.display_name}" aria-haspopup="menu"
				onClick=${(/** @type {any} */ e) => openMenu(anchorOf(e.currentTarget),
					m.user.display_name, actionsOn(c, m))} />`}
		</li>`)}</ul>
	</section>`;
}

/**
 * @param {Conversation} c
 * @param {Member} m
 * @returns {import('./menu.js').MenuItem[]}
 */
function actionsOn(c, m) {
	if (m.user.id === myId.value)
		return [];
	const name = m.user.display_name;
	/** @param {Role} role */
	const give = (role) => () => {
		trying(api.patchMember(c.id, m.user.id, role), `Couldn’t change the role of ${name}.`);
	};
	/** @type {import('./menu.js').MenuItem[]} */
	const items = [{ label: 'Send a message', icon: 'square-pen', onSelect: () => openDirect(m.user) }];
	if (c.role === 'owner') {
		items.push(m.role === 'admin'
			? { label: 'Make a plain member', icon: 'users', onSelect: give('member') }
			: { label: 'Make an admin', icon: 'users', onSelect: give('admin') });
		items.push({ label: 'Make the owner', icon: 'crown', onSelect: () => openDialog('confirm', {
			title: `Make ${name} the owner?`, verb: 'Make owner',
			text: 'You become an admin. Only the new owner can give the group back.',
			onConfirm: () => api.patchMember(c.id, m.user.id, 'owner'),
		}) });
	}
	if (c.role === 'owner' || (c.role === 'admin' && m.role === 'member'))
		items.push({ label: 'Remove from the group', icon: 'trash-2', danger: true,
			onSelect: () => openDialog('confirm', {
				title: `Remove ${name}?`, verb: 'Remove', danger: true,
				text: 'They can’t read or write here any more, from this moment on.',
				onConfirm: () => api.deleteMember(c.id, m.user.id),
			}) });
	return items;
}
