import { useState } from 'preact/hooks';
import { postGroup } from '../api.js';
import { html } from '../lib/html.js';
import { conversationHash, go } from '../router.js';
import { takeIn } from '../store/sync.js';
import { closeDialog, focusComposer } from '../store/ui.js';
import { Dialog } from './dialog.js';
import { Field } from './field.js';
import { PeoplePicker } from './people-picker.js';
import { useForm } from './use-form.js';
import { VisibilityField } from './visibility-field.js';

export function NewGroupDialog() {
	const [chosen, setChosen] = useState(/** @type {User[]} */ ([]));
	const { onSubmit, busy, error, fields } = useForm(async ({ name, topic, visibility }) => {
		const c = await postGroup({
			name: name.trim(), topic: topic.trim() || undefined, visibility,
			user_ids: chosen.map((user) => user.id),
		});
		takeIn(c);
		closeDialog();
		go(conversationHash(c.id));
		focusComposer();
	});
	return html`<${Dialog} title="New group"><form onSubmit=${onSubmit}>
		<${Field} label="Name" name="name" required maxlength="80" autofocus autocomplete="off"
			dir="auto" error=${fields.name} />
		<${Field} label="Topic" name="topic" maxlength="250" autocomplete="off" dir="auto"
			hint="What the group is about. May stay empty." error=${fields.topic} />
		<${VisibilityField} value="private" />
		<div class="field"><span class="label">People</span>
			<${PeoplePicker} label="Add people by name" many chosen=${chosen}
				onChoose=${(/** @type {User} */ user) => setChosen([...chosen, user])}
				onRemove=${(/** @type {User} */ user) => setChosen(chosen.filter((c) => c !== user))} />
		</div>
		${error && html`<p class="form-error" role="alert">${error}</p>`}
		<div class="dialog-buttons">
			<button type="button" class="button" onClick=${closeDialog}>Cancel</button>
			<button class="button button-primary" aria-disabled=${busy}>Create group</button>
		</div>
	</form></${Dialog}>`;
}
