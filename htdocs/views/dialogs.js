import { html } from '../lib/html.js';
import { dialog } from '../store/ui.js';
import { AddMembersDialog } from './add-members-dialog.js';
import { BrowseDialog } from './browse-dialog.js';
import { ConfirmDialog } from './confirm-dialog.js';
import { EmojiPicker } from './emoji-picker.js';
import { GroupDialog } from './group-dialog.js';
import { InviteDialog } from './invite-dialog.js';
import { LinkDialog } from './link-dialog.js';
import { Menu } from './menu.js';
import { NewConversationDialog } from './new-conversation-dialog.js';
import { NewGroupDialog } from './new-group-dialog.js';
import { SettingsDialog } from './settings-dialog.js';
import { ShortcutsDialog } from './shortcuts-dialog.js';
import { SwitcherDialog } from './switcher-dialog.js';

const views = /** @type {Record<string, any>} */ ({
	'add-members': AddMembersDialog,
	'browse': BrowseDialog,
	'confirm': ConfirmDialog,
	'group': GroupDialog,
	'invite': InviteDialog,
	'link': LinkDialog,
	'new-conversation': NewConversationDialog,
	'new-group': NewGroupDialog,
	'settings': SettingsDialog,
	'shortcuts': ShortcutsDialog,
	'switcher': SwitcherDialog,
});

/** The open dialog, menu and picker, if any. */
export function Dialogs() {
	const open = dialog.value;
	return html`${open && html`<${views[open.name]} key=${open.name} ...${open.props} />`}
		<${Menu} /><${EmojiPicker} />`;
}
