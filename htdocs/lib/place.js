/**
 * Puts a floating box beside what it belongs to, inside the window.
 *
 * @param {HTMLElement} box
 * @param {DOMRect} anchor
 */
export function place(box, anchor) {
	const gap = 4;
	const edge = 8;
	const { offsetWidth: width, offsetHeight: height } = box;
	const rtl = getComputedStyle(box).direction === 'rtl';
	const wanted = rtl ? anchor.left : anchor.right - width;
	const below = anchor.bottom + gap;
	const above = anchor.top - gap - height;
	const fits = below + height <= innerHeight - edge || above < edge;
	box.style.left = `${Math.max(edge, Math.min(wanted, innerWidth - width - edge))}px`;
	box.style.top = `${Math.max(edge, Math.min(fits ? below : above, innerHeight - height - edge))}px`;
}
