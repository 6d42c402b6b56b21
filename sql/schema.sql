-- Natter's tables.  This file is the truth and the page to read first; it and
-- the replayed migrations/ give the same database (tests/sql).
--
-- Only what MariaDB 10.11 and MySQL 8 both take.  Texts that people read are
-- utf8mb4_unicode_520_ci; keys and names that decide are ascii_bin or BINARY.
-- Times are UTC milliseconds since 1970 in BIGINT, set by the program.
-- Ids are BIGINT; no AUTO_INCREMENT is ever a cursor, because its order is not
-- commit order.  Hot tables (messages, events, reactions, mentions) carry no
-- foreign keys: each would lock a parent row per insert, and their rows are
-- written only under the lock of their conversation's row.

-- One row per fact about this database as a whole.
CREATE TABLE site (
  name   VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
         -- 'epoch': random id of this database's history, new after a restore,
         -- 'migrating': a migration, and how many of its statements have run
  value  VARCHAR(255) NOT NULL,
  PRIMARY KEY (name)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;

-- One row per migration that has run (natter migrate).
CREATE TABLE schema_versions (
  version        INT UNSIGNED NOT NULL,  -- number of the file in migrations/
  name           VARCHAR(100) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  checksum       BINARY(32) NOT NULL,  -- SHA-256 of the file
  applied_at_ms  BIGINT UNSIGNED NOT NULL,
  PRIMARY KEY (version)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;

-- One row per account.  Never deleted: messages name their author.
CREATE TABLE users (
  id              BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
  username        VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
                  -- [a-z0-9][a-z0-9._-]{1,31}, lower case
  display_name    VARCHAR(64) NOT NULL,
  kind            ENUM('person','bot') NOT NULL DEFAULT 'person',
  is_admin        TINYINT UNSIGNED NOT NULL DEFAULT 0,
  password        VARBINARY(160) NULL,
                  -- base/password.h; NULL: none set yet, or a bot
  settings        TEXT NOT NULL,  -- a JSON object, at most 16 KiB; the page's own
  last_seq        BIGINT UNSIGNED NOT NULL DEFAULT 0,
                  -- last event of the stream u:<id>
  created_at_ms   BIGINT UNSIGNED NOT NULL,
  disabled_at_ms  BIGINT UNSIGNED NULL,  -- may not sign in
  PRIMARY KEY (id),
  UNIQUE KEY users_username (username)  -- model/users.c by_username
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;

-- One row per signed-in browser.  Signing out deletes it.
CREATE TABLE sessions (
  id             BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
  token_hash     BINARY(32) NOT NULL,  -- SHA-256 of the cookie's value
  user_id        BIGINT UNSIGNED NOT NULL,
  created_at_ms  BIGINT UNSIGNED NOT NULL,
  seen_at_ms     BIGINT UNSIGNED NOT NULL,
                 -- last use, written at most every five minutes
  expires_at_ms  BIGINT UNSIGNED NOT NULL,  -- absolute end
  user_agent     VARCHAR(200) NOT NULL,
  address        VARCHAR(45) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  PRIMARY KEY (id),
  UNIQUE KEY sessions_token (token_hash),  -- model/sessions.c by_token
  KEY sessions_user (user_id),             -- model/sessions.c of_user
  CONSTRAINT sessions_user_exists FOREIGN KEY (user_id) REFERENCES users (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;

-- One row per bearer secret of a script.  Revoking deletes it.
CREATE TABLE tokens (
  id               BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
  token_hash       BINARY(32) NOT NULL,  -- SHA-256 of the secret
  user_id          BIGINT UNSIGNED NOT NULL,  -- whom it acts as
  name             VARCHAR(64) NOT NULL,
  scopes           TINYINT UNSIGNED NOT NULL,  -- 1 read, 2 write, 4 admin
  conversation_id  BIGINT UNSIGNED NULL,  -- sees only this one; NULL: all
  created_at_ms    BIGINT UNSIGNED NOT NULL,
  expires_at_ms    BIGINT UNSIGNED NULL,  -- NULL: never
  used_at_ms       BIGINT UNSIGNED NULL,
                   -- last use, written at most every five minutes
  PRIMARY KEY (id),
  UNIQUE KEY tokens_token (token_hash),  -- model/tokens.c by_token
  KEY tokens_user (user_id),             -- model/tokens.c of_user
  KEY tokens_expiry (expires_at_ms),     -- model/tokens.c expired
  CONSTRAINT tokens_user_exists FOREIGN KEY (user_id) REFERENCES users (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;

-- One row per one-time sign-in link (natter user add, natter user reset).
CREATE TABLE links (
  code_hash      BINARY(32) NOT NULL,  -- SHA-256 of the code
  user_id        BIGINT UNSIGNED NOT NULL,
  expires_at_ms  BIGINT UNSIGNED NOT NULL,
  PRIMARY KEY (code_hash),
  KEY links_user (user_id),  -- model/links.c drop
  CONSTRAINT links_user_exists FOREIGN KEY (user_id) REFERENCES users (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;

-- One row per invitation to the site.
CREATE TABLE invites (
  id             BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
  code_hash      BINARY(32) NOT NULL,  -- SHA-256 of the code
  created_by     BIGINT UNSIGNED NOT NULL,
  uses_left      INT UNSIGNED NOT NULL,
  created_at_ms  BIGINT UNSIGNED NOT NULL,
  expires_at_ms  BIGINT UNSIGNED NULL,  -- NULL: never
  PRIMARY KEY (id),
  UNIQUE KEY invites_code (code_hash),  -- model/invites.c by_code, take
  KEY invites_creator (created_by),  -- model/invites.c by_creator, count_by
  CONSTRAINT invites_creator_exists FOREIGN KEY (created_by)
    REFERENCES users (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;

-- One row per conversation.  Its row lock orders everything that happens in
-- it: last_seq and last_number are taken under it, so commit order is seq
-- order and neither has a gap.
CREATE TABLE conversations (
  id              BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
  kind            ENUM('direct','group') NOT NULL,
  direct_low      BIGINT UNSIGNED NULL,  -- direct: the smaller user id
  direct_high     BIGINT UNSIGNED NULL,  -- direct: the larger; equal for notes
  name            VARCHAR(80) NULL,      -- group only
  topic           VARCHAR(250) NULL,     -- group only
  visibility      ENUM('private','public') NOT NULL DEFAULT 'private',
  last_seq        BIGINT UNSIGNED NOT NULL DEFAULT 0,  -- last event
  last_number     BIGINT UNSIGNED NOT NULL DEFAULT 0,  -- last message
  member_count    INT UNSIGNED NOT NULL DEFAULT 0,  -- kept under the row lock
  active_at_ms    BIGINT UNSIGNED NOT NULL,  -- last message, or creation
  created_at_ms   BIGINT UNSIGNED NOT NULL,
  archived_at_ms  BIGINT UNSIGNED NULL,  -- read-only since
  deleted_at_ms   BIGINT UNSIGNED NULL,  -- nobody sees it any more
  PRIMARY KEY (id),
  UNIQUE KEY conversations_direct (direct_low, direct_high),
             -- one direct conversation per pair;
             -- model/conversation_changes.c direct_of
  KEY conversations_public (visibility, name)  -- model/conversations.c public
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;

-- One row per user in a conversation.  Leaving deletes it.
CREATE TABLE members (
  conversation_id  BIGINT UNSIGNED NOT NULL,
  user_id          BIGINT UNSIGNED NOT NULL,
  role             ENUM('owner','admin','member') NOT NULL,
  read_number      BIGINT UNSIGNED NOT NULL DEFAULT 0,
                   -- read up to this message; unread = last_number - this
  notify           ENUM('all','mentions','nothing') NOT NULL DEFAULT 'all',
  joined_at_ms     BIGINT UNSIGNED NOT NULL,
  PRIMARY KEY (conversation_id, user_id),
  KEY members_user (user_id, conversation_id),  -- model/conversations.c of_user
  CONSTRAINT members_conversation_exists FOREIGN KEY (conversation_id)
    REFERENCES conversations (id),
  CONSTRAINT members_user_exists FOREIGN KEY (user_id) REFERENCES users (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;

-- One row per message said.  Never deleted: deleted_at_ms empties the text, so
-- numbers stay without gaps.  Clustered as it is read: by page of a
-- conversation.
CREATE TABLE messages (
  conversation_id  BIGINT UNSIGNED NOT NULL,
  number           BIGINT UNSIGNED NOT NULL,  -- 1..N in its conversation
  id               BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
  seq              BIGINT UNSIGNED NOT NULL,  -- of the event that posted it
  author_id        BIGINT UNSIGNED NOT NULL,
  client_id        VARBINARY(128) NULL,
                   -- idempotency key, printable ASCII; NULL: none given
  body_hash        BINARY(32) NULL,
                   -- SHA-256 of what was asked for with that key
  text             MEDIUMTEXT NOT NULL,  -- as typed, 1 to 16,000 characters
  html             MEDIUMTEXT NOT NULL,  -- model/render.h of text
  reply_number     BIGINT UNSIGNED NULL, -- answers this one, same conversation
  created_at_ms    BIGINT UNSIGNED NOT NULL,
  edited_at_ms     BIGINT UNSIGNED NULL,
  deleted_at_ms    BIGINT UNSIGNED NULL, -- text and html are then ''
  PRIMARY KEY (conversation_id, number),
  UNIQUE KEY messages_id (id),  -- model/messages.c by_id
  UNIQUE KEY messages_client (author_id, client_id)
             -- message_post_by below: the promise "sending twice never makes
             -- two"; kept for ever
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;

-- One row per reaction.  Taking it back deletes it.
CREATE TABLE reactions (
  conversation_id  BIGINT UNSIGNED NOT NULL,
  number           BIGINT UNSIGNED NOT NULL,  -- the message
  emoji            VARBINARY(64) NOT NULL,    -- UTF-8
  user_id          BIGINT UNSIGNED NOT NULL,
  created_at_ms    BIGINT UNSIGNED NOT NULL,
  PRIMARY KEY (conversation_id, number, emoji, user_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;

-- One row per member named in a message (@name, @all); counted for `mentions`.
-- Leaving deletes them.
CREATE TABLE mentions (
  user_id          BIGINT UNSIGNED NOT NULL,
  conversation_id  BIGINT UNSIGNED NOT NULL,
  number           BIGINT UNSIGNED NOT NULL,
  PRIMARY KEY (user_id, conversation_id, number)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;

-- One row per thing that changed: the log that clients catch up from.  A row
-- refers to what it is about; texts live in messages only, so that deleting a
-- message leaves no copy here.  Rows older than [events] keep_days are dropped
-- by pushd; who asks for those is told to load afresh.
CREATE TABLE events (
  stream           ENUM('c','u') NOT NULL,    -- of a conversation, of a user
  stream_id        BIGINT UNSIGNED NOT NULL,
  seq              BIGINT UNSIGNED NOT NULL,  -- 1..M in its stream
  id               BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
                   -- pushd's tail finds new rows by it and waits for gaps
  type             VARCHAR(31) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  at_ms            BIGINT UNSIGNED NOT NULL,
  actor_id         BIGINT UNSIGNED NULL,   -- who did it; NULL: the system
  conversation_id  BIGINT UNSIGNED NULL,   -- user streams: which one it is about
  number           BIGINT UNSIGNED NULL,   -- message number, or read mark
  user_id          BIGINT UNSIGNED NULL,   -- whom it is about (member, name)
  detail           VARBINARY(255) NULL,    -- role, emoji, reason, or of a read
                   -- mark the last number there was when it moved
  PRIMARY KEY (stream, stream_id, seq),
  UNIQUE KEY events_id (id)  -- pushd/tail.c rows_between; model/events.c expire
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;

-- What pushd has to remember: a row per fact.
CREATE TABLE push_state (
  name      VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
            -- 'watermark': every event with an id up to it was published;
            -- 'settled': counts the commits that pushd waited for
  value     BIGINT UNSIGNED NOT NULL,
  PRIMARY KEY (name)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;

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

-- message_post: what the version before calls while this one is migrated to;
-- the migration after 0002 takes it away.
CREATE PROCEDURE message_post(
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
  DECLARE v_seq BIGINT UNSIGNED;
  DECLARE v_number BIGINT UNSIGNED;
  DECLARE v_id BIGINT UNSIGNED;
  DECLARE v_archived BIGINT UNSIGNED;
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

  START TRANSACTION;
  UPDATE conversations
     SET last_seq = last_seq + 1, last_number = last_number + 1,
         active_at_ms = p_now_ms
   WHERE id = p_conversation_id AND deleted_at_ms IS NULL;
  SELECT last_seq, last_number, archived_at_ms
    INTO v_seq, v_number, v_archived
    FROM conversations
   WHERE id = p_conversation_id AND deleted_at_ms IS NULL;
  UPDATE members FORCE INDEX (PRIMARY) SET read_number = v_number
   WHERE conversation_id = p_conversation_id AND user_id = p_author_id
     AND v_number IS NOT NULL;
  IF ROW_COUNT() = 0 THEN
    ROLLBACK;
    SELECT 'absent' AS outcome, 0 AS id, 0 AS number, 0 AS seq, 0 AS same_body;
    LEAVE post;
  END IF;
  -- What was said before the archiving may be asked about again.
  IF v_archived IS NOT NULL AND NOT EXISTS (
     SELECT 1 FROM messages
      WHERE author_id = p_author_id AND client_id = p_client_id) THEN
    ROLLBACK;
    SELECT 'archived' AS outcome, 0 AS id, 0 AS number, 0 AS seq,
           0 AS same_body;
    LEAVE post;
  END IF;
  INSERT INTO messages (conversation_id, number, seq, author_id, client_id,
                        body_hash, text, html, reply_number, created_at_ms)
  VALUES (p_conversation_id, v_number, v_seq, p_author_id, p_client_id,
          p_body_hash, p_text, p_html, p_reply_number, p_now_ms);
  SET v_id = LAST_INSERT_ID();
  IF p_mentions <> '' THEN
    INSERT INTO mentions (user_id, conversation_id, number)
    SELECT m.user_id, m.conversation_id, v_number
      FROM members m JOIN users u ON u.id = m.user_id
     WHERE m.conversation_id = p_conversation_id AND m.user_id <> p_author_id
       AND (FIND_IN_SET('all', p_mentions)
            OR FIND_IN_SET(u.username, p_mentions));
  END IF;
  INSERT INTO events (stream, stream_id, seq, type, at_ms, actor_id, number)
  VALUES ('c', p_conversation_id, v_seq, 'message.posted', p_now_ms,
          p_author_id, v_number);
  COMMIT;
  SELECT 'posted' AS outcome, v_id AS id, v_number AS number, v_seq AS seq,
         1 AS same_body;
END //

DELIMITER ;
