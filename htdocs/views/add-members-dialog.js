import { useState } from 'preact/hooks';
import { postMember } from '../api.js';
import { html } from '../lib/html.js';
import { count } from '../lib/text.js';
import { conversations, titleOf } from '../store/conversations.js';
import { members } from '../store/members.js';
import { closeDialog } from '../store/ui.js';
import { Dialog } from './dialog.js';
import { PeoplePicker } from './people-picker.js';
import { useForm } from './use-form.js';

/** @param {{ id: number }} props */
export function AddMembersDialog({ id }) {
	const [chosen, setChosen] = useState(/** @type {User[]} */ ([]));
	const { onSubmit, busy, error } = useForm(async () => {
		for (const user of chosen) {
			await postMember(id, user.id);
			setChosen((now) => now.filter((c) => c !== user));
		}
		closeDialog();
	});
	const c = conversations.value.get(id);
	return html`<${Dialog} title="Add people to ${c ? titleOf(c) : 'the group'}"><form onSubmit=${onSubmit}>
		<${PeoplePicker} label="Find people by name" many chosen=${chosen} autofocus
			without=${(members.value.get(id) ?? []).map((m) => m.user.id)}
			onChoose=${(/** @type {User} */ user) => setChosen([...chosen, user])}
			onRemove=${(/** @type {User} */ user) => setChosen(chosen.filter((x) => x !== user))} />
		${error && html`<p class="form-error" role="alert">${error}</p>`}
		<div class="dialog-buttons">
			<button type="button" class="button" onClick=${closeDialog}>Cancel</button>
			<button class="button button-primary" aria-disabled=${busy} disabled=${chosen.length === 0}>
				${chosen.length ? `Add ${count(chosen.length, 'person', 'people')}` : 'Add people'}</button>
		</div>
	</form></${Dialog}>`;
}
