/**
 * Puts a floating box inside the window, beside what it belongs to: under the
 * end of a control, or from a point on.
 *
 * @param {HTMLElement} box
 * @param {DOMRect} anchor
 */
export function place(box, anchor) {
	const gap = 4;
	const edge = 8;
	const { offsetWidth: width, offsetHeight: height } = box;
	const rtl = getComputedStyle(box).direction === 'rtl';
	const onRight = (anchor.width === 0) !== rtl;
	const wanted = onRight ? anchor.left : anchor.right - width;
	const below = anchor.bottom + gap;
	const above = anchor.top - gap - height;
	const fits = below + height <= innerHeight - edge || above < edge;
	box.style.left = `${Math.max(edge, Math.min(wanted, innerWidth - width - edge))}px`;
	box.style.top = `${Math.max(edge, Math.min(fits ? below : above, innerHeight - height - edge))}px`;
}
