import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import * as api from '../api.js';
import { html } from '../lib/html.js';
import { chord } from '../lib/keys.js';
import { conversationHash, go } from '../router.js';
import { count, toggleMark } from '../lib/text.js';
import { isNotes, titleOf } from '../store/conversations.js';
import { drafts, keepDraft } from '../store/drafts.js';
import { applyNow } from '../store/apply.js';
import { announce, trying } from '../store/notices.js';
import { send } from '../store/outbox.js';
import { myId, settings, site } from '../store/session.js';
import { timelineOf } from '../store/timelines.js';
import { say, stop } from '../store/typing.js';
import { composerFocus, editing } from '../store/ui.js';
import { Completion, useCompletion } from './completion.js';
import { ComposerContext } from './composer-context.js';
import { pickEmoji } from './emoji-picker.js';
import { Icon } from './icon.js';
import { IconButton } from './icon-button.js';
import { anchorOf, isNarrow } from './popup.js';
import { askToDelete, reply } from './message-actions.js';

const marks = /** @type {Record<string, string>} */ (
	{ 'ctrl+b': '**', 'ctrl+i': '*', 'ctrl+e': '`', 'ctrl+shift+x': '~~' });

/**
 * Where one writes. What is typed is kept as a draft with every letter.
 *
 * @param {{ conversation: Conversation }} props
 */
export function Composer({ conversation }) {
	const { id } = conversation;
	const field = useRef(/** @type {HTMLTextAreaElement | null} */ (null));
	const edited = editing.value?.conversation_id === id ? editing.value : null;
	const draft = drafts.value.get(id);
	const [text, setText] = useState(draft?.text ?? '');
	const [busy, setBusy] = useState(false);
	const completion = useCompletion({ id, field, text, setText: change });
	const limit = site.value.limits?.text_characters ?? 16_000;
	const length = text.length > limit - 500 ? [...text].length : text.length;

	/* Editing borrows the field; the draft comes back afterwards. */
	useLayoutEffect(() => {
		setText(edited ? edited.text : drafts.value.get(id)?.text ?? '');
	}, [edited?.id]);

	const focus = () => {
		if (!isNarrow() || composerFocus.value > 0)
			field.current?.focus({ preventScroll: true });
	};
	/* With the line that says what is answered or edited: the next key is meant for here. */
	useLayoutEffect(focus, [edited?.id, draft?.reply_to?.id]);
	/* A dialog that closes gives the focus back before. */
	useEffect(focus, [composerFocus.value]);

	/* The field grows with its text; the style sheet says how far. */
	useLayoutEffect(() => {
		const el = field.current;
		if (!el || CSS.supports('field-sizing', 'content'))
			return;
		el.style.height = 'auto';
		el.style.height = `${el.scrollHeight}px`;
	}, [text]);

	/** @param {string} value */
	function change(value) {
		setText(value);
		if (edited)
			return;
		keepDraft(id, { text: value, reply_to: drafts.value.get(id)?.reply_to });
		if (value.trim() && !isNotes(conversation))
			say(id);
	}

	function submit() {
		const value = text.replace(/\r\n?/g, '\n').trim();
		if (value === '' || length > limit)
			return;
		/* Its button is disabled next. */
		field.current?.focus({ preventScroll: true });
		if (edited) {
			saveEdit(edited, value);
			return;
		}
		send(id, value, drafts.value.get(id)?.reply_to);
		keepDraft(id, { text: '' });
		setText('');
		stop();
	}

	/**
	 * @param {Message} message
	 * @param {string} value
	 */
	async function saveEdit(message, value) {
		if (busy)
			return;
		if (value !== message.text) {
			setBusy(true);
			const saved = await trying(api.patchMessage(message.id, value), 'Couldn’t save the change.');
			setBusy(false);
			if (!saved)
				return;
			applyNow(id, { type: 'message.edited', message: saved });
			announce('Message changed.');
		}
		/* Another may be edited by now. */
		if (editing.value?.id === message.id)
			editing.value = null;
	}

	function leave() {
		if (edited)
			editing.value = null;
		else
			keepDraft(id, { text, reply_to: null });
	}

	/** @param {KeyboardEvent} event */
	function onKeyDown(event) {
		if (event.isComposing || event.keyCode === 229)
			return;
		if (completion.onKeyDown(event))
			return;
		const keys = chord(event);
		const enterSends = (settings.value.enter_sends ?? true) && !matchMedia('(pointer: coarse)').matches;
		if (keys === 'ctrl+enter' || (keys === 'enter' && enterSends)) {
			event.preventDefault();
			submit();
		} else if (keys === 'escape' && (edited || draft?.reply_to)) {
			event.preventDefault();
			leave();
		} else if (keys === 'escape') {
			event.preventDefault();
			go(conversationHash(id));
		} else if (keys === 'pageup' || keys === 'pagedown') {
			page(event, keys === 'pageup' ? -1 : 1);
		} else if (keys === 'arrowup' && text === '' && !edited) {
			editLast(event);
		} else if (keys === 'shift+arrowup' && text === '' && !edited) {
			replyToLast(event);
		} else if (marks[keys]) {
			event.preventDefault();
			mark(marks[keys]);
		}
	}

	/** What is too short to scroll itself scrolls the messages. @param {KeyboardEvent} event @param {number} pages */
	function page(event, pages) {
		const el = /** @type {HTMLElement} */ (field.current);
		const timeline = document.querySelector('.timeline');
		if (!timeline || el.scrollHeight > el.clientHeight)
			return;
		event.preventDefault();
		timeline.scrollBy({ top: pages * 0.9 * timeline.clientHeight });
	}

	/** @param {KeyboardEvent} event */
	function editLast(event) {
		const last = timelineOf(id)?.items.value
			.findLast((m) => m.author.id === myId.value && !m.deleted_at);
		if (last) {
			event.preventDefault();
			editing.value = last;
		}
	}

	/** @param {KeyboardEvent} event */
	function replyToLast(event) {
		const last = timelineOf(id)?.items.value.findLast((m) => !m.deleted_at);
		if (last) {
			event.preventDefault();
			reply(last);
		}
	}

	/** @param {string} sign */
	function mark(sign) {
		const el = /** @type {HTMLTextAreaElement} */ (field.current);
		const next = toggleMark(text, el.selectionStart, el.selectionEnd, sign);
		change(next.text);
		requestAnimationFrame(() => el.setSelectionRange(next.start, next.end));
	}

	/** @param {string} emoji */
	function insert(emoji) {
		const el = /** @type {HTMLTextAreaElement} */ (field.current);
		const at = el.selectionStart;
		change(text.slice(0, at) + emoji + text.slice(el.selectionEnd));
		requestAnimationFrame(() => {
			el.focus();
			el.setSelectionRange(at + emoji.length, at + emoji.length);
		});
	}

	if (conversation.archived)
		return html`<p class="composer-closed">This group is archived. Nothing new can be said here.</p>`;

	return html`<form class="composer" onSubmit=${(/** @type {Event} */ e) => {
		e.preventDefault();
		submit();
	}}>
		<${Completion} completion=${completion} />
		<div class="composer-box ${busy ? 'is-busy' : ''}">
			<${ComposerContext} edited=${edited} reply_to=${edited ? null : draft?.reply_to} onLeave=${leave}
				onDelete=${edited ? () => askToDelete(edited) : null} />
			<div class="composer-line">
				<textarea ref=${field} class="composer-field" rows="1" dir="auto" value=${text}
					placeholder=${isNotes(conversation) ? 'Write a note' : `Message ${titleOf(conversation)}`}
					aria-label=${edited ? 'Edit message' : `Message ${titleOf(conversation)}`}
					...${completion.attributes}
					onInput=${(/** @type {any} */ e) => {
						change(e.target.value);
						completion.look();
					}}
					onKeyDown=${onKeyDown} onClick=${completion.look} onKeyUp=${completion.look}
					onBlur=${completion.close}></textarea>
				<${IconButton} icon="smile" label="Insert an emoji" aria-haspopup="dialog"
					onClick=${(/** @type {any} */ e) => pickEmoji(anchorOf(e.currentTarget), insert)} />
				<button class="icon-button composer-send" aria-label=${edited ? 'Save' : 'Send'}
					title=${edited ? 'Save' : 'Send'} disabled=${text.trim() === '' || length > limit || busy}>
					<${Icon} name=${edited ? 'check' : 'send-horizontal'} /></button>
			</div>
			${length > limit - 500 && html`<p class="composer-count ${length > limit ? 'is-over' : ''}">
				${length > limit ? `${count(length - limit, 'character')} too long`
					: `${count(limit - length, 'character')} left`}</p>`}
		</div>
	</form>`;
}
