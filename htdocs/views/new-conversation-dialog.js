import { postDirect } from '../api.js';
import { html } from '../lib/html.js';
import { conversationHash, go } from '../router.js';
import { takeIn } from '../store/sync.js';
import { trying } from '../store/notices.js';
import { closeDialog, focusComposer, openDialog } from '../store/ui.js';
import { Dialog } from './dialog.js';
import { PeoplePicker } from './people-picker.js';

/** Opens the direct conversation with somebody. @param {User} user */
export async function openDirect(user) {
	const c = await trying(postDirect(user.id), 'Couldn’t open the conversation.');
	if (!c)
		return;
	takeIn(c);
	closeDialog();
	go(conversationHash(c.id));
	focusComposer();
}

export function NewConversationDialog() {
	return html`<${Dialog} title="New conversation">
		<${PeoplePicker} label="Find somebody by name" self onChoose=${openDirect} autofocus />
		<p class="dialog-foot quiet">For several people,${' '}
			<button type="button" class="link-button" onClick=${() => openDialog('new-group')}>
				create a group</button>.</p>
	</${Dialog}>`;
}
