import { deleteConversation, patchConversation } from '../api.js';
import { html } from '../lib/html.js';
import { conversations } from '../store/conversations.js';
import { takeIn } from '../store/sync.js';
import { closeDialog, openDialog } from '../store/ui.js';
import { Dialog } from './dialog.js';
import { Field } from './field.js';
import { useForm } from './use-form.js';
import { VisibilityField } from './visibility-field.js';

/** Name, topic, visibility and end of a group. @param {{ id: number }} props */
export function GroupDialog({ id }) {
	const c = conversations.value.get(id);
	const { onSubmit, busy, error, fields } = useForm(async ({ name, topic, visibility }) => {
		takeIn(await patchConversation(id, { name: name.trim(), topic: topic.trim(), visibility }));
		closeDialog();
	});
	if (!c)
		return null;

	const archive = () => openDialog('confirm', c.archived ? {
		title: 'Bring this group back?', text: 'Members can write in it again.', verb: 'Bring back',
		onConfirm: async () => takeIn(await patchConversation(id, { archived: false })),
	} : {
		title: 'Archive this group?',
		text: 'Everything stays readable, but nobody can write in it. You can bring it back.',
		verb: 'Archive group',
		onConfirm: async () => takeIn(await patchConversation(id, { archived: true })),
	});
	const remove = () => openDialog('confirm', {
		title: 'Delete this group?', text: 'It disappears for all its members, with all messages.',
		verb: 'Delete group', danger: true, onConfirm: () => deleteConversation(id),
	});

	return html`<${Dialog} title="Group settings"><form onSubmit=${onSubmit}>
		<${Field} label="Name" name="name" required maxlength="80" dir="auto" autocomplete="off"
			defaultValue=${c.name ?? ''} error=${fields.name} autofocus />
		<${Field} label="Topic" name="topic" maxlength="250" dir="auto" autocomplete="off"
			defaultValue=${c.topic ?? ''} error=${fields.topic} />
		<${VisibilityField} value=${c.visibility ?? 'private'} />
		${error && html`<p class="form-error" role="alert">${error}</p>`}
		<div class="dialog-buttons">
			<button type="button" class="button" onClick=${archive}>
				${c.archived ? 'Bring back' : 'Archive'}</button>
			${c.role === 'owner' && html`<button type="button" class="button is-danger"
				onClick=${remove}>Delete</button>`}
			<span class="spread"></span>
			<button type="button" class="button" onClick=${closeDialog}>Cancel</button>
			<button class="button button-primary" aria-disabled=${busy}>Save</button>
		</div>
	</form></${Dialog}>`;
}
