-- A send asks in one round trip whose secret it is and says the message.

DELIMITER //

-- message_post_by: say something, in one round trip; saying is one transaction.
--
-- Who says it was known before, so it is asked first whether the secret of his
-- token or session is still there and the account as it was.  The update of the
-- conversation's row takes its lock and the next numbers; the update of the
-- member's row is the membership check and moves the author's own read mark.
-- Answers one row: outcome 'posted', 'repeat' (this client_id was used before;
-- same_body tells whether for the same request), 'stranger' (ask anew who it
-- is), 'absent' (no such conversation, or not a member) or 'archived'.
CREATE PROCEDURE message_post_by(
  IN p_secret_hash BINARY(32),        -- NULL: was asked for just now
  IN p_display_name VARCHAR(64) CHARACTER SET utf8mb4,
  IN p_conversation_id BIGINT UNSIGNED,
  IN p_author_id BIGINT UNSIGNED,
  IN p_client_id VARBINARY(128),      -- NULL: none
  IN p_body_hash BINARY(32),          -- NULL: none
  IN p_text MEDIUMTEXT CHARACTER SET utf8mb4,
  IN p_html MEDIUMTEXT CHARACTER SET utf8mb4,
  IN p_reply_number BIGINT UNSIGNED,  -- NULL: none
  IN p_mentions TEXT CHARACTER SET utf8mb4,
                                      -- 'ann,bob' or 'all'; '': nobody
  IN p_now_ms BIGINT UNSIGNED)
SQL SECURITY INVOKER
MODIFIES SQL DATA
post: BEGIN
  DECLARE v_id BIGINT UNSIGNED;
  DECLARE EXIT HANDLER FOR 1062
  BEGIN
    ROLLBACK;
    SELECT 'repeat' AS outcome, id, number, seq,
           COALESCE(body_hash = p_body_hash, 0) AS same_body
      FROM messages
     WHERE author_id = p_author_id AND client_id = p_client_id;
  END;
  DECLARE EXIT HANDLER FOR SQLEXCEPTION
  BEGIN
    ROLLBACK;
    RESIGNAL;
  END;

  IF p_secret_hash IS NOT NULL AND (
     NOT EXISTS (SELECT 1 FROM users
                  WHERE id = p_author_id AND disabled_at_ms IS NULL
                    AND display_name COLLATE utf8mb4_bin = p_display_name)
     OR NOT (EXISTS (SELECT 1 FROM tokens WHERE token_hash = p_secret_hash)
       OR EXISTS (SELECT 1 FROM sessions WHERE token_hash = p_secret_hash)))
  THEN
    SELECT 'stranger' AS outcome, 0 AS id, 0 AS number, 0 AS seq,
           0 AS same_body;
    LEAVE post;
  END IF;
  -- What the row was given is kept on the way: reading it again would be one
  -- more statement under its lock.
  SET @natter_number = NULL;
  START TRANSACTION;
  UPDATE conversations
     SET last_seq = (@natter_seq := last_seq + 1),
         last_number = (@natter_number := last_number + 1),
         archived_at_ms = (@natter_archived := archived_at_ms),
         active_at_ms = p_now_ms
   WHERE id = p_conversation_id AND deleted_at_ms IS NULL;
  UPDATE members FORCE INDEX (PRIMARY) SET read_number = @natter_number
   WHERE conversation_id = p_conversation_id AND user_id = p_author_id
     AND @natter_number IS NOT NULL;
  IF ROW_COUNT() = 0 THEN
    ROLLBACK;
    SELECT 'absent' AS outcome, 0 AS id, 0 AS number, 0 AS seq, 0 AS same_body;
    LEAVE post;
  END IF;
  -- What was said before the archiving may be asked about again.
  IF @natter_archived IS NOT NULL AND NOT EXISTS (
     SELECT 1 FROM messages
      WHERE author_id = p_author_id AND client_id = p_client_id) THEN
    ROLLBACK;
    SELECT 'archived' AS outcome, 0 AS id, 0 AS number, 0 AS seq,
           0 AS same_body;
    LEAVE post;
  END IF;
  INSERT INTO messages (conversation_id, number, seq, author_id, client_id,
                        body_hash, text, html, reply_number, created_at_ms)
  VALUES (p_conversation_id, @natter_number, @natter_seq, p_author_id,
          p_client_id, p_body_hash, p_text, p_html, p_reply_number, p_now_ms);
  SET v_id = LAST_INSERT_ID();
  IF p_mentions <> '' THEN
    INSERT INTO mentions (user_id, conversation_id, number)
    SELECT m.user_id, m.conversation_id, @natter_number
      FROM members m JOIN users u ON u.id = m.user_id
     WHERE m.conversation_id = p_conversation_id AND m.user_id <> p_author_id
       AND (FIND_IN_SET('all', p_mentions)
            OR FIND_IN_SET(u.username, p_mentions));
  END IF;
  INSERT INTO events (stream, stream_id, seq, type, at_ms, actor_id, number)
  VALUES ('c', p_conversation_id, @natter_seq, 'message.posted', p_now_ms,
          p_author_id, @natter_number);
  COMMIT;
  SELECT 'posted' AS outcome, v_id AS id, @natter_number AS number,
         @natter_seq AS seq, 1 AS same_body;
END //

DELIMITER ;
