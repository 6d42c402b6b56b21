/* Where the focus goes when what has it goes away. */

/** What may take it at last. */
const last = 'main, .panel, .conversation-list';

/** @param {Element} el */
const isShown = (el) => el.getClientRects().length > 0;

/**
 * Notes where the focus is.
 *
 * @returns {() => void} gives it back there, or to the nearest around that is still shown
 */
export function rememberFocus() {
	/** @type {HTMLElement[]} */
	const path = [];
	for (let el = document.activeElement; el && el !== document.body; el = el.parentElement)
		path.push(/** @type {HTMLElement} */ (el));
	return () => {
		/** @type {NodeListOf<HTMLElement>} */
		const others = document.querySelectorAll(last);
		for (const el of [...path, ...others].filter(isShown)) {
			el.focus({ preventScroll: true });
			if (document.activeElement === el)
				return;
		}
	};
}

/**
 * From now on the focus stays near where it was when what has it is removed,
 * or gives way to another pane.
 *
 * @param {HTMLElement} root the page
 */
export function keepFocus(root) {
	/** @type {Element | null} */
	let holder = null;
	let giveBack = () => {};
	addEventListener('focusin', () => {
		holder = document.activeElement;
		giveBack = rememberFocus();
	});
	new MutationObserver((changes) => {
		const lost = document.activeElement === document.body || changes.some((c) => c.type === 'attributes');
		if (lost && holder && !isShown(holder)) {
			holder = null;
			giveBack();
		}
	}).observe(root, { childList: true, subtree: true, attributeFilter: ['data-pane'] });
}
