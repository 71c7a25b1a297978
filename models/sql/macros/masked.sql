-- Text out of a refused message, fit to be shown: what may name a customer or open a door is hidden, whatever the
-- format. The text is cut before it is masked, so a word cut in half at the end goes as a whole.
create or replace macro masked(message_text) as
    left(
        regexp_replace(
            regexp_replace(
                regexp_replace(
                    regexp_replace(
                        regexp_replace(
                            regexp_replace(
                                case
                                    when length(message_text) > 2000
                                    then regexp_replace(left(message_text, 1999), '[^\s",:;<>{}\[\]]+$', '') || '…'
                                    else message_text
                                end,
                                -- <CallerName>Jane</CallerName>
                                '(?is)(<[\w.:-]*(?:customer|caller|call_?id_?n|ani\b|phone|mobile|e-?mail|address|name)[\w.:-]*[^<>]*>)[^<]+',
                                '\1•••',
                                'g'
                            ),
                            -- A key, then a value: quoted in quotes, quoted, an object or list two deep, all the rest when
                            -- it is deeper, or bare up to the next separator.
                            '(?is)(\b(?:[\w.-]*(?:customer|caller|calling|called|clid|phone|mobile|msisdn|e-?mail|address|endpoint|connected_?line|surname|first_?name|last_?name|full_?name|given_?name|family_?name|display_?name|contact_?name|participant_?name|birth|iban|token|secret|passw|authorization|api_?key)[\w.-]*|(?:[\w-]*[_.-])?(?:ani|dnis|tel|from|to|from_number|to_number|from_uri|to_uri|remote|mail|comment|comments|transcript)|name)\\*["'']?\s*(?:[=:]|=>)\s*)'
                            || '(?:\\+["''].*?(?:(\\+["'']\s*[,:}\]\\])|$)|"(?:[^"\\]|\\.)*(?:"|$)|''(?:[^''\\]|\\.)*(?:''|$)'
                            || '|[{\[](?:[^"{}\[\]]|"(?:[^"\\]|\\.)*"|[{\[](?:[^"{}\[\]]|"(?:[^"\\]|\\.)*")*[}\]])*[}\]]'
                            || '|[{\[].*|[^\s"''{}\[\],;&<\\][^\r\n"''{}\[\],;&<\\]*)',
                            '\1•••\2',
                            'g'
                        ),
                        '(?i)[\w.+%-]+(?:@|%40)[\w.-]*',
                        '•••',
                        'g'
                    ),
                    -- Telephone numbers as people write them; a date, a time and an offset from UTC stay.
                    '(?:\+|%2B)\d[\d ()./-]{4,}|\(\d{2,5}\)[ ./-]*\d[\d ./-]{3,}|\b0\d{1,4}[ /-]\d{2,}(?:[ /-]?\d{2,})+|\b\d{3}[-. ]\d{3}[-. ]\d{4}\b',
                    '•••',
                    'g'
                ),
                '\d{5,}',
                '•••',
                'g'
            ),
            -- Tokens and whole encoded messages.
            '[A-Za-z0-9+/_-]{64,}={0,2}',
            '•••',
            'g'
        ),
        2000
    );
-- What refusals of one kind have in common: the reason without its place and without the values in it.
create or replace macro reason_class(reason) as
    replace(
        regexp_replace(
            regexp_replace(
                -- The number of a standard is no value.
                replace(regexp_replace(reason, '^\S*\[\d+\]@\d+: ', ''), 'RFC ', 'RFC-'),
                '''[^'']*''|"[^"]*"', '…', 'g'
            ),
            '(^|[^\w-])-?(?:\d{4}-\d\d-\d\d[T\d:.]*(?:Z|[+-]\d\d:\d\d)?|\d[\d,.]*\b)',
            '\1…',
            'g'
        ),
        'RFC-', 'RFC '
    );
