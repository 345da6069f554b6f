-- Endpoints differ in the parameters that they accept. The form of request that one accepts is found by trying, once.

create table record.request_forms ( -- `form`: JSON, by the names of curator.llm.request_form
    endpoint varchar, model varchar, form varchar, added timestamp);
